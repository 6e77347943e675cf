"""Runs a script with its top-level constants replaced, so that it needs no edit.

    python -m sweep_trial --set learning_rate=0.1 --set batch_size=32 script.py [ARGUMENTS]

`learning_rate = 0.01` at the top level of the script becomes `learning_rate = 0.1`, and in the script's top-level calls so
does a keyword argument of that name, as in `SGD(learning_rate=0.01)`.
"""

import ast
import os
import sys

USAGE = "usage: python -m sweep_trial [--set NAME=VALUE]... SCRIPT [ARGUMENTS]"


def literal(text):
    """The Python value written in `text`, else the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def replaced(source, values, name="<script>"):
    """The script's tree with its constants replaced, and the names that were found."""
    tree = ast.parse(source, name)
    found = set()

    def constant(name, old):
        found.add(name)
        value = values[name]
        if type(value) is int and isinstance(old, ast.Constant) and isinstance(old.value, float):
            value = float(value)
        return ast.copy_location(ast.Constant(value), old)

    def is_constant(node):
        try:
            ast.literal_eval(node)
            return True
        except ValueError:
            return False

    class Keywords(ast.NodeTransformer):
        def visit_keyword(self, node):
            self.generic_visit(node)
            if node.arg in values and is_constant(node.value):
                node.value = constant(node.arg, node.value)
            return node

        def skip(self, node):
            return node

        visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = skip

    for statement in tree.body:
        targets = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        names = [target.id for target in targets if isinstance(target, ast.Name) and target.id in values]
        if names and is_constant(statement.value):
            statement.value = constant(names[0], statement.value)
        else:
            Keywords().visit(statement)
    return ast.fix_missing_locations(tree), found


def main(arguments):
    values = {}
    while arguments and arguments[0].startswith("--set"):
        word = arguments.pop(0)
        pair = word[len("--set="):] if word.startswith("--set=") else (arguments.pop(0) if arguments else "")
        name, equals, text = pair.partition("=")
        if not equals:
            sys.exit(USAGE)
        values[name] = literal(text)
    if not arguments:
        sys.exit(USAGE)
    script = arguments[0]
    with open(script, encoding="utf-8") as file:
        tree, found = replaced(file.read(), values, script)
    lost = sorted(set(values) - found)
    if lost:
        sys.exit(f"{script} sets no top-level constant or keyword argument {', '.join(lost)}")
    sys.argv = arguments
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    scope = {"__name__": "__main__", "__file__": script, "__builtins__": __builtins__}
    exec(compile(tree, script, "exec"), scope)


if __name__ == "__main__":
    main(sys.argv[1:])
