"""Independently written answers to 02, and disguises of an answer, both made by program."""

# ruff: noqa: E501

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable

__all__ = ["DISGUISES", "disguise", "honest_answer"]


def honest_answer(seed: int) -> dict[str, str]:
    """Return one student's answers by cell: structure, helpers, checks and wording as this student would choose them."""
    rng = random.Random(seed)
    pick = rng.choice
    answers: dict[str, str] = {}
    style = pick(["loops", "numpy", "mixed", "mixed"])
    spanish = rng.random() < 0.6
    names = {"rows": "filas" if spanish else "rows", "cols": "columnas" if spanish else "cols"}
    names |= {"out": pick(["salida", "res", "out", "g", "resultado"]), "win": pick(["v", "ventana", "patch", "region"])}
    answers["kernels"] = _kernels(pick)
    answers["pad2d"] = _pad(pick, style)
    answers["conv2d"] = _conv(pick, style, names)
    answers["convolve2d"] = _flip(pick, style)
    answers["conv-layer"] = _layer(pick, style, names)
    answers["max-pool2d"] = _pool(pick, style, names)
    return {cell: _worded(text, rng, spanish) for cell, text in answers.items()}


Pick = Callable[[list[str]], str]


def _kernels(pick: Pick) -> str:
    edges = pick(
        [
            "[[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]",
            "np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])",
            "9 * (np.arange(9).reshape(3, 3) == 4) - 1",
            "-np.ones((3, 3)) + 9 * np.pad([[1]], 1)",
        ]
    )
    horizontal = pick(
        [
            "[[1, 1, 1], [0, 0, 0], [-1, -1, -1]]",
            "np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], dtype=float)",
            "np.repeat([[1], [0], [-1]], 3, axis=1)",
            "np.array([[1, 0, -1]] * 3).T",
        ]
    )
    first = pick(["[[-1, 0], [0, 1]]", "np.array([[-1, 0], [0, 1]])", "np.diag([-1, 1])"])
    second = pick(["[[0, -1], [1, 0]]", "np.array([[0, -1], [1, 0]])", "np.fliplr(np.diag([-1, 1]))"])
    sharpen = pick(["[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]", "np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])"])
    if pick(["dict", "keys"]) == "dict":
        return (
            f'KERNELS = {{"edges": {edges}, "horizontal": {horizontal}, "diagonal_1": {first}, '
            f'"diagonal_2": {second}, "sharpen": {sharpen}}}'
        )
    return (
        f'KERNELS = {{}}\nKERNELS["edges"] = {edges}\nKERNELS["horizontal"] = {horizontal}\n'
        f'KERNELS["diagonal_1"] = {first}\nKERNELS["diagonal_2"] = {second}\nKERNELS["sharpen"] = {sharpen}'
    )


def _pad(pick: Pick, style: str) -> str:
    loops = [
        "h, w = len(image), len(image[0])\ng = [[0] * (w + 2 * padding) for _ in range(h + 2 * padding)]\n"
        "for i in range(h):\n    for j in range(w):\n        g[i + padding][j + padding] = image[i][j]\nreturn g",
        "n, m = image.shape\ng = np.zeros((n + padding * 2, m + padding * 2), dtype=image.dtype)\n"
        "for i in range(n):\n    g[padding + i, padding:padding + m] = image[i]\nreturn g",
        "w = len(image[0]) + padding + padding\nrows = []\nfor _ in range(padding):\n    rows.append([0] * w)\n"
        "for row in image:\n    rows.append([0] * padding + list(row) + [0] * padding)\n"
        "for _ in range(padding):\n    rows.append([0] * w)\nreturn rows",
    ]
    arrays = [
        'return np.pad(image, padding, mode="constant")',
        "return np.pad(image, ((padding, padding), (padding, padding)))",
        "if padding == 0:\n    return image.copy()\ng = np.zeros(np.array(image.shape) + 2 * padding)\n"
        "g[padding:-padding, padding:-padding] = image\nreturn g",
        "h, w = image.shape\nmarco = np.zeros((h + 2 * padding, w + 2 * padding))\n"
        "marco[padding:padding + h, padding:padding + w] = image\nreturn marco",
        "side = np.zeros((len(image), padding))\nmid = np.concatenate([side, image, side], axis=1)\n"
        "top = np.zeros((padding, mid.shape[1]))\nreturn np.concatenate([top, mid, top])",
        "a = np.asarray(image)\nreturn np.pad(a, pad_width=padding, constant_values=0)",
    ]
    return _function("pad2d(image, padding)", pick(_of(loops, arrays, style)))


def _size(pick: Pick, n: str, k: str, padded: bool = True) -> str:
    whole = [f"({n} - {k}) // stride + 1", f"1 + ({n} - {k}) // stride", f"int(({n} - {k}) / stride) + 1"]
    whole += [f"int(np.floor(({n} - {k}) / stride + 1))", f"len(range(0, {n} - {k} + 1, stride))"]
    return pick(whole)


def _conv(pick: Pick, style: str, names: dict[str, str]) -> str:
    out, win = names["out"], names["win"]
    pad = pick(["pad2d(image, padding)", "np.pad(image, padding)", "np.asarray(pad2d(image, padding), dtype=float)"])
    pad = pick([pad, f"{pad} if padding > 0 else image"]) if style == "mixed" else pad
    shape = pick(
        [
            "H, W = f.shape\nkh, kw = np.shape(kernel)",
            "H = len(f)\nW = len(f[0])\nkh = len(kernel)\nkw = len(kernel[0])",
            "kernel = np.array(kernel)\nH, W, kh, kw = *f.shape, *kernel.shape",
            "(H, W), (kh, kw) = np.shape(f), np.shape(kernel)",
        ]
    )
    size = f"t = {_size(pick, 'H', 'kh')}\nu = {_size(pick, 'W', 'kw')}"
    window = pick(
        [
            "f[i * stride:i * stride + kh, j * stride:j * stride + kw]",
            "f[i * stride:][:kh, j * stride:][:, :kw]",
            "f[stride * i:kh + stride * i, stride * j:kw + stride * j]",
        ]
    )
    total = pick(
        ["np.sum({} * kernel)", "({} * np.array(kernel)).sum()", "np.vdot({}, kernel)", "np.tensordot({}, kernel)"]
    )
    arrays = [
        f"f = {pad}\n{shape}\n{size}\n{out} = np.zeros((t, u))\nfor i in range(t):\n    for j in range(u):\n"
        f"        {win} = {window}\n        {out}[i, j] = {total.format(win)}\nreturn {out}",
        f"f = {pad}\n{shape}\n{size}\n{out} = np.empty((t, u))\nfor i, j in np.ndindex(t, u):\n"
        f"    {out}[i, j] = {total.format(window)}\nreturn {out}",
        f"f = {pad}\n{shape}\n{size}\nreturn np.array([[{total.format(window)} for j in range(u)] for i in range(t)])",
        f"f = {pad}\n{shape}\n{size}\n{out} = np.zeros((t, u))\nfor a in range(kh):\n    for b in range(kw):\n"
        f"        {out} += kernel[a][b] * f[a:a + stride * t:stride, b:b + stride * u:stride][:t, :u]\nreturn {out}",
        f"f = np.asarray({pad}).astype(float)\nw = np.lib.stride_tricks.sliding_window_view(f, np.array(kernel).shape)\n"
        f"return {pick(['(w * kernel).sum(axis=(2, 3))', 'np.tensordot(w, kernel, 2)'])}[::stride, ::stride]",
        f"f = np.array({pad}, float)\nkernel = np.array(kernel)\nfull = correlate(f, kernel)\nreturn full[::stride, ::stride]",
    ]
    loops = [
        f"f = {pad}\n{shape}\n{out} = []\nfor y in range(0, H - kh + 1, stride):\n    row = []\n"
        "    for x in range(0, W - kw + 1, stride):\n        s = 0\n        for a in range(kh):\n            for b in range(kw):\n"
        f"                s += f[y + a][x + b] * kernel[a][b]\n        row.append(s)\n    {out}.append(row)\nreturn {out}",
        f"f = {pad}\n{shape}\n{size}\n{out} = np.zeros((t, u))\nfor i in range(t):\n    for j in range(u):\n"
        "        for m in range(kh):\n            for n in range(kw):\n"
        f"                {out}[i][j] = {out}[i][j] + kernel[m][n] * f[i * stride + m][j * stride + n]\nreturn {out}",
        f"f = {pad}\n{shape}\n{size}\n{out} = [[0.0] * u for _ in range(t)]\nfor i in range(t):\n    for j in range(u):\n"
        f"        {out}[i][j] = sum(f[stride * i + a][stride * j + b] * kernel[a][b] for a in range(kh) for b in range(kw))\n"
        f"return np.array({out})",
    ]
    body = _function("conv2d(image, kernel, stride=1, padding=0)", pick(_of(loops, arrays, style)))
    return "from scipy.ndimage import correlate\n\n\n" + body if "correlate(" in body else body


def _flip(pick: Pick, style: str) -> str:
    loops = [
        "flipped = [row[::-1] for row in kernel][::-1]\nreturn conv2d(image, flipped)",
        "k, l = np.shape(kernel)\nturned = np.zeros((k, l))\nfor a in range(k):\n    for b in range(l):\n"
        "        turned[a, b] = kernel[k - 1 - a][l - 1 - b]\nreturn conv2d(image, turned)",
    ]
    arrays = [
        "return conv2d(image, np.flip(kernel))",
        "return conv2d(image, np.array(kernel)[::-1, ::-1])",
        "return conv2d(image, np.rot90(np.rot90(kernel)))",
        "g = np.flipud(np.fliplr(kernel))\nreturn conv2d(image, g)",
        "k = np.asarray(kernel)\nreturn conv2d(image, np.flip(np.flip(k, 0), 1), stride=1, padding=0)",
    ]
    return _function("convolve2d(image, kernel)", pick(_of(loops, arrays, style)))


def _layer(pick: Pick, style: str, names: dict[str, str]) -> str:
    out = names["out"]
    pad = pick(
        [
            "np.pad(volume, ((padding, padding), (padding, padding), (0, 0)))",
            "np.stack([pad2d(volume[:, :, c], padding) for c in range(volume.shape[2])], axis=-1)",
            "np.pad(volume, [(padding,) * 2, (padding,) * 2, (0,) * 2])",
        ]
    )
    size = f"t = {_size(pick, 'x.shape[0]', 'k')}\nu = {_size(pick, 'x.shape[1]', 'k')}"
    arrays = [
        f"x = {pad}\nk, _, c, f = filters.shape\n{size}\n{out} = np.zeros((t, u, f))\nfor i in range(t):\n"
        "    for j in range(u):\n        box = x[i * stride:i * stride + k, j * stride:j * stride + k, :]\n"
        f"        for n in range(f):\n            {out}[i, j, n] = np.sum(box * filters[:, :, :, n]) + biases[n]\nreturn {out}",
        f"x = {pad}\nk = len(filters)\n{size}\n{out} = np.empty((t, u, len(biases)))\nfor i, j in np.ndindex(t, u):\n"
        "    box = x[stride * i:stride * i + k, stride * j:stride * j + k]\n"
        f"    {out}[i, j] = (box[..., None] * filters).sum(axis=(0, 1, 2)) + biases\nreturn {out}",
        f"x = {pad}\nw = np.lib.stride_tricks.sliding_window_view(x, filters.shape[:2], axis=(0, 1))[::stride, ::stride]\n"
        "return np.tensordot(w, np.transpose(filters, (2, 0, 1, 3)), axes=3) + np.asarray(biases)",
    ]
    loops = [
        f"{out} = []\nfor n in range(filters.shape[3]):\n    total = biases[n]\n    for c in range(volume.shape[2]):\n"
        "        total = total + np.array(conv2d(volume[:, :, c], filters[:, :, c, n], stride, padding))\n"
        f"    {out}.append(total)\nreturn np.stack({out}, axis=-1)",
        "maps = [sum(np.array(conv2d(volume[..., c], filters[..., c, n], stride=stride, padding=padding))\n"
        "            for c in range(filters.shape[2])) + b for n, b in enumerate(biases)]\nreturn np.dstack(maps)",
        f"K, _, C, F = filters.shape\nfirst = np.array(conv2d(volume[:, :, 0], filters[:, :, 0, 0], stride, padding))\n"
        f"{out} = np.zeros(first.shape + (F,))\nfor n in range(F):\n    for c in range(C):\n"
        f"        {out}[:, :, n] += conv2d(volume[:, :, c], filters[:, :, c, n], stride, padding)\n    {out}[:, :, n] += biases[n]\n"
        f"return {out}",
    ]
    return _function("conv_layer(volume, filters, biases, stride=1, padding=0)", pick(_of(loops, arrays, style)))


def _pool(pick: Pick, style: str, names: dict[str, str]) -> str:
    out = names["out"]
    step = pick(["if stride is None:\n    stride = pool_size", "stride = stride or pool_size"])
    step = pick([step, "stride = pool_size if stride is None else stride", "if not stride:\n    stride = pool_size"])
    size = f"t = {_size(pick, 'image.shape[0]', 'pool_size')}\nu = {_size(pick, 'image.shape[1]', 'pool_size')}"
    arrays = [
        f"{step}\n{size}\n{out} = np.zeros((t, u), dtype=image.dtype)\nfor i in range(t):\n    for j in range(u):\n"
        "        y, x = i * stride, j * stride\n"
        f"        {out}[i, j] = np.max(image[y:y + pool_size, x:x + pool_size])\nreturn {out}",
        f"{step}\n{size}\nreturn np.array([[image[i * stride:i * stride + pool_size, j * stride:j * stride + pool_size].max()\n"
        "                  for j in range(u)] for i in range(t)])",
        f"{step}\nw = np.lib.stride_tricks.sliding_window_view(image, (pool_size, pool_size))[::stride, ::stride]\n"
        f"return {pick(['w.max(axis=(-1, -2))', 'np.max(np.max(w, axis=-1), axis=-1)'])}",
        f"{step}\n{size}\n{out} = np.full((t, u), -np.inf)\nfor a in range(pool_size):\n    for b in range(pool_size):\n"
        "        part = image[a:a + t * stride:stride, b:b + u * stride:stride]\n"
        f"        {out} = np.maximum({out}, part[:t, :u])\nreturn {out}",
    ]
    loops = [
        f"{step}\n{out} = []\nfor i in range(0, len(image) - pool_size + 1, stride):\n    fila = []\n"
        "    for j in range(0, len(image[0]) - pool_size + 1, stride):\n"
        "        fila.append(max(image[i + a][j + b] for a in range(pool_size) for b in range(pool_size)))\n"
        f"    {out}.append(fila)\nreturn {out}",
        f"{step}\n{size}\n{out} = np.zeros((t, u))\nfor i in range(t):\n    for j in range(u):\n"
        "        best = image[i * stride, j * stride]\n        for a in range(pool_size):\n            for b in range(pool_size):\n"
        "                if image[i * stride + a, j * stride + b] > best:\n"
        f"                    best = image[i * stride + a, j * stride + b]\n        {out}[i, j] = best\nreturn {out}",
    ]
    return _function("max_pool2d(image, pool_size=2, stride=None)", pick(_of(loops, arrays, style)))


def _of(loops: list[str], arrays: list[str], style: str) -> list[str]:
    return loops if style == "loops" else arrays if style == "numpy" else [*loops, *arrays]


def _function(head: str, body: str) -> str:
    inside = "\n".join("    " + line for line in body.splitlines())
    return f"def {head}:\n{inside}"


def _worded(text: str, rng: random.Random, spanish: bool) -> str:
    """Add what some students add: a docstring, a comment, a check of the arguments, a try-out below."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("def ")]
    if not heads:
        return text
    extra = []
    if rng.random() < 0.3:
        extra.append('    """Mi solución."""' if spanish else '    """My solution."""')
    if rng.random() < 0.2 and "image" in lines[heads[0]]:
        extra.append("    image = np.asarray(image)")
    if rng.random() < 0.1:
        extra.append(f'    print("{rng.choice(["entra", "llamada", "ok"])}")')
    at = heads[0] + 1
    return "\n".join([*lines[:at], *extra, *lines[at:]])


class _Rename(ast.NodeTransformer):
    def __init__(self, rng: random.Random, tree: ast.AST) -> None:
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        kept = {
            argument.arg
            for function in functions
            for argument in ast.walk(function.args)
            if isinstance(argument, ast.arg)
        }
        words = ["alfa", "beta", "tmp", "aux", "dato", "valor", "matriz", "contador", "acum", "paso_x", "elem", "zona"]
        self._names = {
            name: f"{rng.choice(words)}_{number}"
            for number, name in enumerate(sorted(stored - kept))
            if not name.isupper()
        }

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self._names.get(node.id, node.id), node.ctx), node)


class _Turn(ast.NodeTransformer):
    """Turns sums, products and comparisons round."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        plain = not any(
            isinstance(part, (ast.List, ast.ListComp)) for side in (node.left, node.right) for part in ast.walk(side)
        )
        if isinstance(node.op, (ast.Add, ast.Mult)) and plain:
            node.left, node.right = node.right, node.left
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        turned = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
        if len(node.ops) == 1 and type(node.ops[0]) in turned:
            return ast.Compare(node.comparators[0], [turned[type(node.ops[0])]()], [node.left])
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        target = copy.deepcopy(node.target)
        for part in ast.walk(target):
            if isinstance(part, (ast.Name, ast.Subscript)) and hasattr(part, "ctx"):
                part.ctx = ast.Load()
        return ast.Assign([node.target], ast.BinOp(target, node.op, node.value))


class _Loops(ast.NodeTransformer):
    """Writes counting ``for`` loops as ``while``, and comprehensions that are assigned or returned as loops."""

    def __init__(self) -> None:
        self._made = 0

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        call = node.iter
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "range"):
            return node
        if not isinstance(node.target, ast.Name) or any(isinstance(part, ast.Continue) for part in ast.walk(node)):
            return node
        arguments = call.args
        start = arguments[0] if len(arguments) > 1 else ast.Constant(0)
        end = arguments[1] if len(arguments) > 1 else arguments[0]
        step = arguments[2] if len(arguments) > 2 else ast.Constant(1)
        name = node.target.id
        more = ast.AugAssign(ast.Name(name, ast.Store()), ast.Add(), step)
        test = ast.Compare(ast.Name(name, ast.Load()), [ast.Lt()], [end])
        return [ast.Assign([ast.Name(name, ast.Store())], start), ast.While(test, [*node.body, more], [])]

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        made = self._as_loop(node.value)
        return node if made is None else [*made[0], ast.Assign(node.targets, made[1])]

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        made = self._as_loop(node.value)
        return node if made is None else [*made[0], ast.Return(made[1])]

    def _as_loop(self, value: ast.expr | None) -> tuple[list[ast.stmt], ast.expr] | None:
        found = value.args[0] if isinstance(value, ast.Call) and len(value.args) == 1 else value
        if not isinstance(found, ast.ListComp) or len(found.generators) != 1 or found.generators[0].ifs:
            return None
        self._made += 1
        name = f"lista_{self._made}"
        inner = self._as_loop(found.elt)
        before, element = inner if inner is not None else ([], found.elt)
        append = ast.Expr(ast.Call(ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load()), [element], []))
        loop = ast.For(found.generators[0].target, found.generators[0].iter, [*before, append], [])
        result: ast.expr = ast.Name(name, ast.Load())
        if found is not value and isinstance(value, ast.Call):
            result = ast.Call(value.func, [result], value.keywords)
        return [ast.Assign([ast.Name(name, ast.Store())], ast.List([], ast.Load())), loop], result


def _each_body(tree: ast.AST, change: Callable[[list[ast.stmt]], list[ast.stmt]]) -> None:
    for node in list(ast.walk(tree)):
        if isinstance(node, (ast.FunctionDef, ast.For, ast.While, ast.If)):
            node.body = change(node.body)


def _dead(tree: ast.Module, rng: random.Random) -> None:
    texts = [
        "sin_uso = 0",
        "registro = []",
        'if False:\n    print("nunca")',
        "control = len([1, 2, 3])",
        "for _nada in range(0):\n    pass",
        "assert True",
        "marca = None\nif marca is not None:\n    marca = marca + 1",
        "copia = list(range(3))\ncopia.reverse()",
    ]

    def change(body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            if rng.random() < 0.4:
                found += ast.parse(rng.choice(texts)).body
            found.append(statement)
        return found

    _each_body(tree, change)


def _split(tree: ast.Module, rng: random.Random) -> None:
    """Move what is computed into variables, and what is returned into functions of their own."""
    made: list[ast.stmt] = []

    def change(body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            value = statement.value if isinstance(statement, (ast.Assign, ast.Return)) else None
            if value is None or isinstance(value, (ast.Name, ast.Constant)):
                found.append(statement)
                continue
            if isinstance(value, ast.BinOp) and rng.random() < 0.6:
                name = f"parte_{len(made)}_{len(found)}"
                found.append(ast.Assign([ast.Name(name, ast.Store())], value.left))
                value.left = ast.Name(name, ast.Load())
            elif isinstance(value, ast.Call) and value.args and rng.random() < 0.6:
                name = f"dato_{len(made)}_{len(found)}"
                if not isinstance(value.args[0], (ast.Starred, ast.GeneratorExp)):
                    found.append(ast.Assign([ast.Name(name, ast.Store())], value.args[0]))
                    value.args[0] = ast.Name(name, ast.Load())
            inside = [
                part
                for part in ast.walk(value)
                if isinstance(part, (ast.ListComp, ast.GeneratorExp, ast.Lambda, ast.Starred))
            ]
            if isinstance(statement, ast.Return) and not inside and rng.random() < 0.7:
                used = sorted(
                    {part.id for part in ast.walk(value) if isinstance(part, ast.Name)} - {"np", "int", "len", "range"}
                )
                used = [
                    name for name in used if name not in ("conv2d", "pad2d", "signal", "ndimage", "plt", "sum", "max")
                ]
                arguments = ast.arguments([], [ast.arg(name) for name in used], None, [], [], None, [])
                helper = f"ayuda_{len(made)}"
                made.append(ast.FunctionDef(helper, arguments, [ast.Return(value)], [], lineno=1))
                call = ast.Call(ast.Name(helper, ast.Load()), [ast.Name(name, ast.Load()) for name in used], [])
                statement = ast.Return(call)
            found.append(statement)
        return found

    _each_body(tree, change)
    tree.body = [*made, *tree.body]


def _merge(tree: ast.Module, rng: random.Random) -> None:
    """Write a variable's only value in the place where it is used next."""

    def change(body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            before = found[-1] if found else None
            if (
                isinstance(before, ast.Assign)
                and isinstance(before.targets[0], ast.Name)
                and isinstance(statement, (ast.Return, ast.Assign))
            ):
                name = before.targets[0].id
                uses = [part for part in ast.walk(tree) if isinstance(part, ast.Name) and part.id == name]
                here = [part for part in ast.walk(statement) if isinstance(part, ast.Name) and part.id == name]
                if len(uses) == 2 and len(here) == 1:
                    found[-1] = _Put(name, before.value).visit(statement)
                    continue
            found.append(statement)
        return found

    _each_body(tree, change)


class _Put(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self._name, self._value = name, value

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._value if node.id == self._name else node


def _reorder(tree: ast.Module, rng: random.Random) -> None:
    """Swap neighbours that do not need each other, and turn what may be turned."""
    _Turn().visit(tree)

    def change(body: list[ast.stmt]) -> list[ast.stmt]:
        found = list(body)
        for at in range(len(found) - 1):
            one, two = found[at], found[at + 1]
            if isinstance(one, ast.Assign) and isinstance(two, ast.Assign) and not _touch(one, two):
                found[at], found[at + 1] = two, one
        return found

    _each_body(tree, change)


def _touch(one: ast.stmt, two: ast.stmt) -> bool:
    def names(node: ast.AST, stored: bool) -> set[str]:
        kinds = ast.Store if stored else (ast.Store, ast.Load)
        return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, kinds)}

    return bool(names(one, True) & names(two, False) or names(two, True) & names(one, False))


def _comment(tree: ast.Module, rng: random.Random) -> None:
    words = [
        "calcula el mapa",
        "recorre la imagen",
        "compute the output",
        "walk over the windows",
        "devuelve el resultado",
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
                node.body = node.body[1:] or node.body
            node.body.insert(0, ast.Expr(ast.Constant(rng.choice(words))))
            for argument in node.args.args:
                argument.annotation = ast.Constant(rng.choice(["matriz", "array", "número"]))


DISGUISES: dict[str, tuple[str, ...]] = {
    "renamed": ("rename",),
    "reordered": ("reorder",),
    "loops": ("loops",),
    "dead code": ("dead",),
    "split": ("split",),
    "merged": ("merge",),
    "comments": ("comment",),
    "renamed, reordered": ("rename", "reorder", "comment"),
    "renamed, loops, dead code": ("rename", "loops", "dead", "comment"),
    "everything": ("merge", "loops", "split", "reorder", "dead", "rename", "comment"),
}
"""Each disguise as the steps that make it."""


def disguise(source: str, kind: str, seed: int) -> str:
    """Return a cell's code in disguise; what it does stays the same, or nearly."""
    rng = random.Random(seed)
    tree = ast.parse(source)
    for step in DISGUISES[kind]:
        if step == "rename":
            tree = _Rename(rng, tree).visit(tree)
        elif step == "loops":
            tree = _Loops().visit(tree)
        else:
            {"reorder": _reorder, "dead": _dead, "split": _split, "merge": _merge, "comment": _comment}[step](tree, rng)
        ast.fix_missing_locations(tree)
        tree = ast.parse(ast.unparse(tree))
    return ast.unparse(tree)
