"""Paints the two example pictures (so that they belong to nobody else): layered ridges under a low sun."""
import math
import random
import sys

from PIL import Image, ImageChops, ImageDraw, ImageFilter


def ridge(width, base, height, seed):
    """The skyline of one chain of hills: a few waves on top of each other."""
    chance = random.Random(seed)
    waves = [(chance.uniform(0.7, 1.3) * 2 ** n, chance.uniform(0, 6.28), height / 1.9 ** n) for n in range(7)]
    return [(x, base - sum(a * math.sin(f * x * 6.28 / width + p) for f, p, a in waves)) for x in range(0, width + 4, 4)]


def paint(width, height, sky_high, sky_low, far, near, seed):
    mask = Image.linear_gradient("L").resize((width, height))
    picture = Image.composite(Image.new("RGB", (width, height), sky_low), Image.new("RGB", (width, height), sky_high), mask)
    glow = ImageChops.invert(Image.radial_gradient("L")).resize((2 * height, 2 * height)).point(lambda v: max(0, v - 80) * 1.4)
    sun = Image.new("RGB", (width, height))
    sun.paste(Image.merge("RGB", (glow, glow.point(lambda v: v * 0.8), glow.point(lambda v: v * 0.45))), (int(width * 0.6) - height, int(-height * 0.5)))
    picture = ImageChops.screen(picture, sun.point(lambda v: v * 0.75))
    layers = 7
    for n in range(layers):
        share = n / (layers - 1)
        colour = tuple(int(a + (b - a) * share) for a, b in zip(far, near))
        base = height * (0.5 + 0.45 * share)
        layer = Image.new("L", (width, height))
        ImageDraw.Draw(layer).polygon(ridge(width, base, height * 0.07, seed + n) + [(width, height), (0, height)], fill=255)
        picture.paste(colour, mask=layer.filter(ImageFilter.GaussianBlur(1.5)))
        haze = Image.linear_gradient("L").resize((width, height)).point(lambda v, s=share: int(v * 0.25 * (1 - s)))
        picture.paste(sky_low, mask=ImageChops.multiply(layer, haze))
    grain = Image.effect_noise((width, height), 22).convert("RGB")
    return ImageChops.overlay(picture, Image.blend(Image.new("RGB", (width, height), (128, 128, 128)), grain, 0.5))


if __name__ == "__main__":
    folder = sys.argv[1]
    paint(3024, 2016, (54, 84, 140), (246, 190, 130), (150, 140, 160), (24, 30, 44), 11).save(f"{folder}/dusk.jpg", quality=82)
    paint(2016, 2688, (120, 170, 215), (235, 240, 235), (150, 180, 185), (30, 60, 40), 42).save(f"{folder}/morning.jpg", quality=82)
