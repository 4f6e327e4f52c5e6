"""Screenshots as small PNG files: at most 256 colours, which text and flat surfaces never miss."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode

from playwright.sync_api import Page

# The 128 commonest colours, then the commonest of each hue that has none yet; others become the nearest.
QUANTISE = """async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const data = new Uint32Array(context.getImageData(0, 0, picture.width, picture.height).data.buffer);
  const counts = new Map();
  for (const pixel of data) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  const parts = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
  const often = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const palette = often.slice(0, 128).map(([pixel]) => pixel);
  const hue = (pixel) => parts(pixel).map((part) => part >> 4).join();
  const taken = new Set(palette.map(hue));
  for (const [pixel] of often) {
    if (palette.length === 256) break;
    if (!taken.has(hue(pixel))) { taken.add(hue(pixel)); palette.push(pixel); }
  }
  const colours = palette.map(parts);
  const index = new Map(palette.map((pixel, at) => [pixel, at]));
  for (const pixel of counts.keys()) {
    if (index.has(pixel)) continue;
    const [r, g, b] = parts(pixel);
    let best = 0, least = Infinity;
    colours.forEach(([x, y, z], at) => {
      const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
      if (far < least) { least = far; best = at; }
    });
    index.set(pixel, best);
  }
  let text = "";
  for (let at = 0; at < data.length; at += 8192) {
    text += String.fromCharCode(...data.subarray(at, at + 8192).values().map((pixel) => index.get(pixel)));
  }
  return [picture.width, picture.height, colours.flat(), btoa(text)];
}"""


def shrink(png: bytes, blank: Page) -> bytes:
    """The picture with a palette; ``blank`` is a page of the browser that does the work."""
    width, height, colours, encoded = blank.evaluate(QUANTISE, b64encode(png).decode())
    pixels = b64decode(encoded)
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", bytes(colours)),
            (b"IDAT", zlib.compress(rows, 9)),
            (b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
