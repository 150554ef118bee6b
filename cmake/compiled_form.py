#!/usr/bin/env python3
"""Makes the compiled form of the headers: those of a program that links it, and the library's source.

    cmake/compiled_form.py FOLDER

FOLDER/include/tweedie has the headers with their cold functions declared only, FOLDER/library/tweedie has
them with these functions emitted, and FOLDER/tweedie.cpp includes all of that. So there is one source of
truth, the headers of include/, and not a word in them is there for this form. By hand:

    c++ -std=c++20 -O2 -I FOLDER/library -isystem eigen3 -c FOLDER/tweedie.cpp
    c++ -std=c++20 -O2 -I FOLDER/include -isystem eigen3 program.cpp tweedie.o

A function is cold if it is no template and no member of one, has a type that is written down, is not
constexpr, and stands in no file of the sampling loop. In a class it has two statements at least. What is a
template is instantiated once for the types in cmake/compiled_templates.hpp.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Files whose functions run in the sampling loop or once for each call of a model; and those of other
# libraries' formats.
HOT = re.compile(r"(simd|run|formats|inverse|parallel|training)/|model/(?!output|label)|noise/(?!brownian|seeds)"
                 r"|(state|version|tweedie|process/level|math/(dual|by_index|sums))\.hpp")
TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'"
                   r"|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*|::|[A-Za-z_]\w*|[0-9][\w.']*|\s+|.", re.S | re.M)
TYPED = {"auto", "constexpr", "consteval", "requires", "template"}


class Token:
    def __init__(self, match):
        self.text, self.begin, self.end = match.group(), match.start(), match.end()


def tokens(text):
    """Those of code: no comments, no space, no preprocessor lines."""
    all_of_them = map(Token, TOKEN.finditer(text))
    return [t for t in all_of_them
            if not (t.text[:2] in ("//", "/*") or t.text.isspace() or t.text.lstrip()[:1] == "#")]


def pairs(code):
    """The place of the bracket that closes each one that opens."""
    closing, stack = {}, []
    for k, token in enumerate(code):
        if token.text in "([{":
            stack.append(k)
        elif token.text in ")]}":
            closing[stack.pop()] = k
    return closing


def without_template(words):
    """The words behind template <...>, and whether there were such."""
    if words[:1] != ["template"]:
        return words, False
    depth = 0
    for k, word in enumerate(words[1:], 1):
        depth += (word == "<") - (word == ">")
        if depth == 0:
            return words[k + 1:], True
    return [], True


class Function:
    """A function that is defined where it is declared: its first token, its list of parameters' end, the
    brace of its body, the one that closes that, and the classes it is in: their names and ends."""

    def __init__(self, code, first, parameters_end, body, end, classes):
        self.code, self.first, self.parameters_end = code, first, parameters_end
        self.body, self.end, self.classes = body, end, classes

    @property
    def in_class(self):
        return bool(self.classes)

    def is_constructor(self):
        words = [w for w in self.words() if w != "explicit"]
        return self.in_class and words[:2] == [self.classes[-1][0], "("]

    def words(self):
        return [t.text for t in self.code[self.first:self.body]]

    def statements(self):
        return sum(t.text == ";" for t in self.code[self.body:self.end])

    def is_cold(self):
        words = self.words()
        if TYPED & set(words):
            return False
        return self.statements() >= 2 or words[0] == "friend" if self.in_class else "inline" in words


def functions(text):
    """Those at the scope of a namespace or of a class that is no template."""
    code = tokens(text)
    closing = pairs(code)
    scopes, first, k = [], 0, 0  # of scopes: the end, a class's name, whether one is a template
    while k < len(code):
        while scopes and k == scopes[-1][0]:
            scopes.pop()
            k += 1
            first = k
            if k < len(code) and code[k].text == ";":
                k, first = k + 1, k + 1
        if k >= len(code):
            return
        word = code[k].text
        if word == ";" or (word == ":" and code[k - 1].text in ("public", "private", "protected")):
            first = k + 1
        elif word in "([":
            k = closing[k]
        elif word == "{":
            head, is_template = without_template([t.text for t in code[first:k]])
            while head[:2] == ["[", "["]:
                head = head[head.index("]") + 2:]
            if head[:1] == ["namespace"]:
                scopes.append((closing[k], None, False))
                first = k + 1
            elif head[:1] and head[0] in ("struct", "class") and "(" not in head:
                within = is_template or any(s[2] for s in scopes)
                scopes.append((closing[k], head[1], within))
                first = k + 1
            elif "(" in head and head[0] not in ("enum", "using", "concept") \
                    and "=" not in head[:head.index("(")]:
                body = k
                if not is_template:
                    end = closing[parameters(code, closing, first)]
                    body = body_of(code, closing, end, k)
                    if not any(s[2] for s in scopes):
                        yield Function(code, first, end, body, closing[body],
                                       [(name, code[close + 1].end) for close, name, _ in scopes if name])
                k = closing[body]
                first = k + 1
            else:  # an enumeration, or a variable's initialiser
                k = closing[k]
        k += 1


def parameters(code, closing, k):
    """The bracket that opens a function's list of parameters; that of "operator()" is none."""
    while code[k].text != "(" or code[k - 1].text == "operator":
        k = closing[k] + 1 if code[k].text in "([" else k + 1
    return k


def body_of(code, closing, parameters_end, brace):
    """Behind a constructor's list of members, of which each has brackets of its own."""
    if ":" not in (t.text for t in code[parameters_end + 1:brace]):
        return brace
    k = next(j for j in range(parameters_end + 1, brace + 1) if code[j].text == ":")
    while True:
        k += 1
        while code[k].text not in "({":
            k += 1
        k = closing[k] + 1
        if code[k].text != ",":
            return k


def declared(text, function):
    """An edit that leaves the declaration."""
    code = function.code
    end = function.parameters_end
    while code[end + 1].text in ("const", "noexcept", "&") or (
            code[end + 1].text == "-" or code[end].text == "-"):
        end += 1
    return code[end].end, code[function.end].end, ";"


def out_of_class(text, function):
    """Two edits that define a constructor behind its class: clang emits one in the class only as that of a
    base, whatever is said about it."""
    code = function.code
    first = function.first + (code[function.first].text == "explicit")
    head, depth, kept = "", 0, True
    for token, after in zip(code[first:], code[first + 1:function.parameters_end + 2]):
        depth += (token.text in "([{<") - (token.text in ")]}>")
        kept = (kept or token.text == "," and depth == 1 or depth == 0) and token.text != "="
        head += text[token.begin:after.begin] if kept else ""
    name = "::".join(c for c, _ in function.classes)
    body = text[code[function.parameters_end].end:code[function.end].end]
    end = function.classes[0][1]
    return declared(text, function), (end, end, f"\n{name}::{head}{body}\n")


def changed(text, edits):
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def instantiated():
    """By header, the lines that declare instantiations of its templates."""
    text = (ROOT / "cmake" / "compiled_templates.hpp").read_text()
    registry = (ROOT / "include/tweedie/solver/registry.hpp").read_text()
    solvers = sorted(set(re.findall(r'visit\("\w+", ([^{]+)\{', registry)))
    text = text.replace("// and AnySolver's constructor from each solver of the registry\n", "".join(
        f"extern template AnySolver::AnySolver({solver});\n" for solver in solvers))
    parts = re.split(r"^// behind (\S+)\n", text, flags=re.M)
    return {name: "\n" + lines for name, lines in zip(parts[1::2], parts[2::2])}


def main():
    out = pathlib.Path(sys.argv[1])
    headers = sorted((ROOT / "include" / "tweedie").rglob("*.hpp"))
    templates = instantiated()
    cold = 0
    for path in headers:
        name = path.relative_to(ROOT / "include" / "tweedie")
        text = path.read_text()
        users, library = [], []
        if not HOT.match(str(name)):
            for function in functions(text):
                if not function.is_cold():
                    continue
                cold += 1
                words = function.words()
                start = function.code[function.first + (words[0] == "friend")]
                if function.is_constructor():
                    library += out_of_class(text, function)
                elif function.in_class:
                    library.append((start.begin, start.begin, "__attribute__((used)) "))
                else:
                    inline = function.code[function.first + words.index("inline")]
                    users.append((inline.begin, inline.end, ""))
                    library.append((inline.begin, inline.end, "inline __attribute__((used))"))
                users.append(declared(text, function))
        extern = templates.get(str(name), "")
        write(out / "include" / "tweedie" / name, changed(text, users) + extern)
        write(out / "library" / "tweedie" / name,
              changed(text, library) + extern.replace("extern template", "template")
              .replace("form();", "form() {\n  return alignment;\n}", 1))
    names = [str(p.relative_to(ROOT / "include")) for p in headers if "formats/" not in str(p)]
    write(out / "tweedie.cpp", "".join(f'#include "{name}"\n' for name in names))
    print(f"{cold} functions of the headers are compiled once")


def write(path, text):
    """Leaves a file alone that would not change, so that nothing is built again for it."""
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


main()
