"""What a pipeline returns: pictures that are an array, a list of PIL images, and show themselves in a notebook."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlite.arguments import Array, float_array, integer

if TYPE_CHECKING:
    from PIL.Image import Image


class Pictures:
    """Some pictures and the captions they were made from.

    Parameters
    ----------
    array
        (N, 3, H, W), red, green and blue from 0 to 1.
    captions
        One for each picture.
    steps
        (S, N, 3, H, W), what the sampler saw on the way, if it was kept.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import Pictures
    >>> pictures = Pictures(np.zeros((2, 3, 16, 16)), ["a cat", "another"])
    >>> pictures
    Pictures(2 of 16x16: 'a cat', 'another')
    >>> pictures[0].size
    (16, 16)
    """

    def __init__(self, array: Any, captions: Sequence[str], steps: Array | None = None) -> None:
        self.array = float_array(array, "Pictures: array", ndim=4)
        self.captions = list(captions)
        self.steps = steps
        if self.array.shape[1] != 3 or len(self.captions) != len(self.array):
            raise ValueError(
                f"Pictures: array has shape {self.array.shape} and there are {len(self.captions)} captions, "
                "expected (N, 3, H, W) and N captions"
            )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.array, dtype=dtype, copy=True if copy else None)

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, i: int) -> Image:
        """Return one picture as a PIL image."""
        return to_image(self.array[i])

    def sheet(self, columns: int | None = None, scale: int | None = None) -> Image:
        """Return all pictures side by side as one PIL image.

        Parameters
        ----------
        columns
            How many in a row.
        scale
            How many times each pixel is repeated; by default so that a picture is about 96 pixels wide.
        """
        n, _, height, width = self.array.shape
        columns = integer(columns or min(max(n, 1), 8), "sheet: columns", low=1)
        scale = integer(scale or max(1, 96 // width), "sheet: scale", low=1)
        rows = math.ceil(n / columns)
        gap = 1
        sheet = np.ones((3, rows * (height + gap) + gap, columns * (width + gap) + gap))
        for k, picture in enumerate(self.array):
            top, left = gap + (k // columns) * (height + gap), gap + (k % columns) * (width + gap)
            sheet[:, top : top + height, left : left + width] = picture
        image = to_image(sheet)
        return image.resize((image.width * scale, image.height * scale), resample=0)

    def save(self, path: Any) -> None:
        """Write :meth:`sheet` to a file."""
        self.sheet().save(path)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.sheet().save(buffer, format="PNG")
        return buffer.getvalue()

    def __repr__(self) -> str:
        _, _, height, width = self.array.shape
        shown = ", ".join(map(repr, self.captions[:3])) + (", …" if len(self) > 3 else "")
        return f"Pictures({len(self)} of {height}x{width}: {shown})"


def to_image(picture: Array) -> Image:
    """Turn (3, H, W) from 0 to 1 into a PIL image; what lies outside is clipped."""
    from PIL import Image

    bytes_ = (np.clip(np.nan_to_num(picture), 0, 1) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(bytes_.transpose(1, 2, 0))
