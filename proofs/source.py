# SPDX-License-Identifier: MIT
"""Reads C sources well enough to know their functions, contracts and loops.

The verdict on a proof is held against this list, not against what the prover says it has seen:
a function that the prover skipped must not vanish. Only the style of this project is understood
(no K&R definitions, no macros that expand to functions).
"""
import bisect
import re
from dataclasses import dataclass, field
from pathlib import Path

KEYWORDS = set("if for while switch return sizeof do else case defined _Static_assert _Alignof "
               "__attribute__ static_assert".split())


@dataclass
class Function:
    name: str
    path: str
    line: int
    static: bool
    inline: bool
    void: bool
    head: str               # text before the name: storage class and return type
    params: str
    contract: str           # the ACSL comment directly above, "" if none
    contract_at: int        # its offset in the file, -1 if none
    start: int              # offset of the declaration
    body_at: int = -1       # offset of the opening brace, -1 for a prototype
    end: int = -1           # offset behind the closing brace or semicolon
    calls: set = field(default_factory=set)

    @property
    def defined(self):
        return self.body_at >= 0


def blank(text):
    """The text with comments, strings and preprocessor lines as blanks; every offset is kept."""
    out = list(text)
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
                         r'|^[ \t]*#(?:\\\n|/\*.*?\*/|[^\n])*', re.S | re.M)
    for m in pattern.finditer(text):
        for i in range(m.start(), m.end()):
            if out[i] != "\n":
                out[i] = " "
    return "".join(out)


def acsl_comments(text):
    """(start, end, text) of each ACSL comment."""
    for m in re.finditer(r"/\*@.*?\*/|//@[^\n]*", text, re.S):
        yield m.start(), m.end(), m.group(0)


def is_contract(comment):
    body = re.sub(r"^(/\*@|//@)\s*", "", comment)
    body = re.sub(r"^(?:/\*.*?\*/|//[^\n]*|\s)*", "", body, flags=re.S)
    return re.match(r"(requires|terminates|assigns|ensures|behavior|decreases|allocates|frees|"
                    r"exits|admit|check|complete|disjoint|assumes)\b", body) is not None


def items(code):
    """(start, open brace or -1, end) of each item at file level in blanked code."""
    start, depth, brace = 0, 0, -1
    for m in re.finditer(r"[{};]", code):
        c, i = m.group(0), m.start()
        if c == "{":
            if depth == 0:
                brace = i
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0 and is_function_head(code[start:brace]):
                yield start, brace, i + 1
                start, brace = i + 1, -1
        elif depth == 0:
            yield start, -1 if brace < 0 else -2, i + 1
            start, brace = i + 1, -1


HEAD = re.compile(r"^\s*(?P<head>[^=;{}()]*?)\b(?P<name>[A-Za-z_]\w*)\s*\((?P<params>.*)\)\s*$", re.S)


def is_function_head(head):
    m = HEAD.match(re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head, flags=re.S))
    return bool(m and m.group("head").strip() and m.group("name") not in KEYWORDS
                and "typedef" not in m.group("head"))


def functions(path, root="."):
    """Every function declared or defined at file level, in order."""
    full = Path(root) / path
    return functions_in(full.read_text(encoding="utf-8"), str(path))


def functions_in(text, path):
    code = blank(text)
    newlines = [i for i, c in enumerate(text) if c == "\n"]
    comments = [c for c in acsl_comments(text) if is_contract(c[2])]
    found, previous = [], 0
    for start, brace, end in items(code):
        head = code[start:brace] if brace >= 0 else code[start:end - 1]
        if brace != -2 and is_function_head(head):
            head = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head, flags=re.S)
            m = HEAD.match(head)
            at = start + (len(code[start:]) - len(code[start:].lstrip()))
            near = [c for c in comments if previous <= c[0] and c[1] <= at]
            contract = near[-1] if near else (-1, -1, "")
            f = Function(name=m.group("name"), path=path, line=bisect.bisect_left(newlines, at) + 1,
                         static="static" in m.group("head").split(),
                         inline="inline" in m.group("head").split(),
                         void=m.group("head").split()[-1:] == ["void"] and "*" not in m.group("head"),
                         head=" ".join(m.group("head").split()), params=" ".join(m.group("params").split()),
                         contract=contract[2], contract_at=contract[0], start=at)
            f.end = end
            if brace >= 0:
                f.body_at = brace
                f.calls = {c for c in re.findall(r"\b([A-Za-z_]\w*)\s*\(", code[brace:end])
                           if c not in KEYWORDS}
            found.append(f)
        previous = end
    return found


def definitions(path, root="."):
    return [f for f in functions(path, root) if f.defined]


def clauses(contract):
    """(kind, name or "", text) of each clause of a contract, white space normalised."""
    body = re.sub(r"^(/\*@|//@)|\*/$", "", contract)
    body = re.sub(r"//[^\n]*", " ", body)
    for part in body.split(";"):
        part = " ".join(part.split())
        m = re.match(r"(?:behavior \w+ : |behavior \w+: )?(requires|ensures|terminates|assigns|decreases|"
                     r"assumes|exits)\b\s*(.*)", part)
        if m:
            named = re.match(r"([a-z_]\w*)\s*:\s*(?!:)", m.group(2))
            yield m.group(1), named.group(1) if named else "", part


def loops(text, f):
    """(line, annotation) of each loop in a function's body; annotation "" if there is none."""
    code = blank(text)
    newlines = [i for i, c in enumerate(text) if c == "\n"]
    comments = list(acsl_comments(text))
    skip = set()
    for m in re.finditer(r"\b(for|while|do)\b", code[f.body_at:f.end]):
        at = f.body_at + m.start()
        if at in skip:
            continue
        if m.group(1) == "do":          # the `while` that closes a do-loop is no loop of its own
            depth, i = 0, at
            while i < f.end:
                if code[i] == "{":
                    depth += 1
                elif code[i] == "}":
                    depth -= 1
                    if depth == 0:
                        w = re.compile(r"\bwhile\b").search(code, i)
                        if w:
                            skip.add(w.start())
                        break
                i += 1
        above = [c for c in comments if c[1] <= at and not code[c[1]:at].strip() and "loop" in c[2]]
        yield bisect.bisect_left(newlines, at) + 1, above[-1][2] if above else ""


def prototypes(root, headers):
    """name -> Function of each prototype that carries a contract, over the given headers."""
    found = {}
    for h in headers:
        for f in functions(h, root):
            if f.contract and (f.name not in found or not f.defined):
                found[f.name] = f
    return found
