from billing import api


def test_it_has_a_main():
    assert callable(api.main)
