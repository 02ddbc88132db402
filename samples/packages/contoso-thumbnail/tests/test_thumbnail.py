"""What holds for thumbnails; the picture is here as text."""

import base64
import unittest

from contoso_thumbnail import PictureError, average_colour, make, size

#: 64 x 48 pixels: the left half red, the right half blue.
RED_AND_BLUE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU"
    "FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    "FBQUFBQUFBT/wAARCAAwAEADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QA"
    "FgEBAQEAAAAAAAAAAAAAAAAAAAkH/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8Ah4DHFAAAEcAVmTKAAWMBJlTU"
    "ABHAFZkygAFjASZU1AARwBWZMoAB/9k="
)


def close(one: str, other: str) -> bool:
    """Whether two colours look alike: JPEG does not keep them exactly."""
    return all(abs(a - b) <= 6 for a, b in zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True))


class ThumbnailTest(unittest.TestCase):
    """Sizes, colours and refusals."""

    def test_the_size_is_read(self) -> None:
        self.assertEqual(size(RED_AND_BLUE), (64, 48))

    def test_it_fits_and_keeps_its_proportions(self) -> None:
        for most, expected in [((32, 32), (32, 24)), ((10, 48), (10, 8)), ((64, 12), (16, 12)), ((1, 1), (1, 1))]:
            with self.subTest(most=most):
                small = make(RED_AND_BLUE, *most)
                self.assertEqual(small[:3], b"\xff\xd8\xff")
                self.assertEqual(size(small), expected)

    def test_the_colours_stay_what_they_are(self) -> None:
        self.assertTrue(close(average_colour(RED_AND_BLUE), "#781e78"), average_colour(RED_AND_BLUE))
        for most in [(32, 32), (16, 16), (1, 1)]:
            with self.subTest(most=most):
                small = average_colour(make(RED_AND_BLUE, *most))
                self.assertTrue(close(small, "#781e78"), small)

    def test_a_picture_that_fits_keeps_its_size(self) -> None:
        self.assertEqual(size(make(RED_AND_BLUE, 1000, 1000)), (64, 48))

    def test_the_same_picture_gives_the_same_thumbnail(self) -> None:
        self.assertEqual(make(RED_AND_BLUE, 16, 16), make(RED_AND_BLUE, 16, 16))

    def test_what_is_no_picture_is_refused(self) -> None:
        for text in [b"", b"not a picture", RED_AND_BLUE[:20], RED_AND_BLUE[: len(RED_AND_BLUE) // 2]]:
            with self.subTest(length=len(text)), self.assertRaises(PictureError):
                make(text)

    def test_sizes_and_qualities_out_of_range_are_refused(self) -> None:
        for arguments in [(0, 10), (10, 0), (65501, 10), (10, 10, 0), (10, 10, 101)]:
            with self.subTest(arguments=arguments), self.assertRaises(ValueError):
                make(RED_AND_BLUE, *arguments)


if __name__ == "__main__":
    unittest.main()
