"""Mathematics."""

from __future__ import annotations

from demo_authoring.canvas import Canvas
from demo_authoring.diagrams.registry import drawing
from demo_authoring.films.maths import sectors
from demo_authoring.palette import JADE, PLUM, SEAL, SKY, WHEAT, mix


@drawing("parallelogram-cut", "平行四边形沿高剪开，左边的三角形移到右边，拼成长方形", (760, 420))
def _parallelogram(c: Canvas) -> None:
    for row, moved in enumerate((False, True)):
        y0, y1 = 40 + row * 200, 170 + row * 200
        left = [(120, y1), (200, y0), (200, y1)]
        shift = 320 if moved else 0
        c.polygon([(200, y0), (520, y0), (520, y1) if moved else (440, y1), (200, y1)], "#cfe3f0", SKY)
        c.polygon([(x + shift, y) for x, y in left], "#f2c9b8", SEAL)
        if moved:
            c.polygon([(440, y1), (520, y0), (520, y1)], "#f2c9b8", SEAL)
            c.dashed((120, y1), (200, y0), "#b8b2a4")
        c.dashed((200, y0), (200, y1), SEAL)
        c.text((212, (y0 + y1) / 2), "高", 20, SEAL, anchor="lm")
        c.text((360 if moved else 290, y1 + 16), "长 = 底" if moved else "底", 20, SKY, anchor="mm")
    c.arrow((560, 110), (610, 250), WHEAT, 4)
    c.text((604, 160), "剪、移、拼", 20, WHEAT, anchor="lm")


@drawing("parallelogram-question", "底 12 米、高 8 米、邻边 10 米的平行四边形", (520, 300))
def _parallelogram_question(c: Canvas) -> None:
    c.polygon([(80, 240), (190, 60), (460, 60), (350, 240)], "#dff0e8", JADE)
    c.dashed((190, 60), (190, 240), SEAL)
    c.text((200, 160), "8 m", 22, SEAL, anchor="lm")
    c.text((215, 264), "12 m", 22, anchor="mm")
    c.text((424, 170), "10 m", 22, anchor="lm")


@drawing("fraction-wall", "分数墙：从 1 到八分之一，一行比一行分得细", (820, 560))
def _fraction_wall(c: Canvas) -> None:
    fills = [SEAL, WHEAT, "#a07a1f", JADE, "#2f8f9f", SKY, "#4a5da8", PLUM]
    for row in range(8):
        parts = row + 1
        for k in range(parts):
            x0, x1 = 10 + 800 * k / parts, 10 + 800 * (k + 1) / parts
            y = 10 + row * 68
            c.box((x0, y, x1, y + 64), mix("#ffffff", fills[row], 0.35), "#1e2a32", 1.5, 2)
            words = "1" if parts == 1 else f"1/{parts}"
            c.text(((x0 + x1) / 2, y + 32), words, 24, anchor="mm", bold=True)


@drawing("circle-template", "平均分成十六份的圆，可以剪下来拼", (560, 560))
def _circle_template(c: Canvas) -> None:
    sectors(c, 16, 0.0, 255, (280, 280), 0)


@drawing("ten-frames", "四个十格框，分别放着 9、8、7、6 个圆点", (760, 200))
def _ten_frames(c: Canvas) -> None:
    for frame, count in enumerate((9, 8, 7, 6)):
        for k in range(10):
            x, y = 12 + frame * 188 + (k % 5) * 34, 40 + (k // 5) * 34
            c.box((x, y, x + 33, y + 33), None, "#1e2a32", 1.5, 1)
            if k < count:
                c.circle((x + 16.5, y + 16.5), 11, SEAL)
        c.text((96 + frame * 188, 140), f"{count} + ___ = 10", 20, anchor="mm")


@drawing("array-dots", "七行点子，每行七个", (360, 360))
def _array(c: Canvas) -> None:
    for row in range(7):
        for k in range(7):
            c.circle((40 + k * 46, 40 + row * 46), 13, SKY if row < 5 else WHEAT)


@drawing("decimal-grid", "百格图，涂了 36 格，表示 0.36", (380, 380))
def _decimal_grid(c: Canvas) -> None:
    for k in range(100):
        x, y = 20 + (k // 10) * 34, 20 + (k % 10) * 34
        c.box((x, y, x + 34, y + 34), "#9fc3dc" if k < 36 else "#ffffff", "#55636d", 1, 0)
