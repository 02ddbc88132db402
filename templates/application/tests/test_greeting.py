"""What holds for a greeting."""

import unittest

from hello.greeting import LONGEST_NAME, greet


class GreetingTest(unittest.TestCase):
    def test_greets_by_name(self) -> None:
        self.assertEqual(greet(" Ann "), "Hello, Ann!")

    def test_takes_names_of_every_script(self) -> None:
        self.assertEqual(greet("Zoë 李"), "Hello, Zoë 李!")

    def test_refuses_a_name_that_cannot_be_said(self) -> None:
        for name, reason in [("  ", "empty"), ("x" * (LONGEST_NAME + 1), "101 characters"), ("a\x1b[2J", "printed")]:
            with self.subTest(name=name), self.assertRaisesRegex(ValueError, reason):
                greet(name)


if __name__ == "__main__":
    unittest.main()
