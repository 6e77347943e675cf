# The plan: which imports at the top of a script can be made once for all trials.

import ast
import builtins
import importlib.util
import os
import sysconfig

STDLIB = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib")]
STDLIB += [os.path.realpath(folder) for folder in STDLIB]


# Modules that a library imports when it is first used, here PyTorch for its first optimizer, which takes as long as PyTorch
# itself; what names the variables that they read; and a library beside which they may not be loadable.
LATER = {"torch": ("torch._dynamo", b"TORCH", "tensorflow")}


class Stop(Exception):
    """The plan ends here."""


class Plan:
    """The imports at the top of a script, as steps that have the same effect in the process that all trials share.

    Only installed modules are imported there. Modules of the user's own are read, for what they import in turn, and run
    by each trial: they may change, or have effects. The first statement that could change what a later import does ends
    the plan. Variables of the environment that are set to a constant, and filters of
    warnings, are steps too.
    """

    def __init__(self, script, module, arguments):
        self.steps = []
        self._script = script
        self._read = {}
        # A module that is run with -m is a trial's own, wherever it is installed.
        self._own = module.split(".")[0] if module else None
        importlib.invalidate_caches()
        try:
            if module:
                self._take(module, ["__main__"])
                if module == "sweep_trial":
                    # It runs the script that is named after its own options.
                    self._file(next((word for word in arguments if word.endswith(".py")), ""))
            else:
                self._file(script)
        except Stop:
            pass
        for first in sorted({step[1].split(".")[0] for step in self.steps if step[0] == "import"} & set(LATER)):
            module, variables, clash = LATER[first]
            # The script may set such a variable after its imports.
            if not any(variables in text for text in self._read.values()):
                self.steps.append(("later", module, clash))

    def _file(self, path):
        """Reads the statements of the user's own file."""
        if path in self._read:
            return
        try:
            with open(path, "rb") as file:
                self._read[path] = file.read()
            statements = ast.parse(self._read[path]).body
        except (OSError, SyntaxError, ValueError, RecursionError):
            raise Stop from None
        for statement in statements:
            self._statement(statement, path)

    def _statement(self, node, path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._take(alias.name, [])
        elif isinstance(node, ast.ImportFrom):
            members = [alias.name for alias in node.names]
            if node.level:
                self._relative(node.module, members, node.level, path)
            elif node.module != "__future__":
                self._take(node.module, members)
        elif isinstance(node, ast.Try):
            for inner in node.body + node.orelse + node.finalbody:
                self._statement(inner, path)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in names(node.test) and not node.orelse:
            pass
        elif isinstance(node, ast.If) and "__name__" in names(node.test) and path != self._script:
            pass
        elif not (self._variable(node) or self._filter(node) or quiet(node)):
            raise Stop

    def _take(self, name, members):
        """Plans the import of a module, or of members of it, by its full name."""
        first = name.split(".")[0]
        if first == "wandb":
            # It makes a temporary folder; the one that reports to the study looks at its trial.
            return
        try:
            found = importlib.util.find_spec(first)
        except (ImportError, ValueError, AttributeError):
            found = None
        if found is None:
            raise Stop
        if first != self._own and installed(found):
            self.steps.append(("import", name, members))
        else:
            folders = found.submodule_search_locations
            files = [found.origin] if found.has_location else []
            for folder in folders or []:
                files += modules(folder, name.split(".")[1:], members)
            for file in files:
                self._file(file)

    def _relative(self, name, members, level, path):
        folder = path
        for _ in range(level):
            folder = os.path.dirname(folder)
        for file in modules(folder, name.split(".") if name else [], members):
            self._file(file)

    def _variable(self, node):
        """Plans os.environ["NAME"] = "value" or os.environ.setdefault("NAME", "value")."""
        try:
            if isinstance(node, ast.Assign):
                (target,) = node.targets
                # Before Python 3.9 an index was wrapped.
                kind, place, words = "set", target.value, [getattr(target.slice, "value", target.slice), node.value]
            else:
                kind, place, words = node.value.func.attr, node.value.func.value, node.value.args
            name, value = [word if isinstance(word, str) else ast.literal_eval(word) for word in words]
            if kind not in ("set", "setdefault") or (place.value.id, place.attr) != ("os", "environ"):
                return False
        except (AttributeError, ValueError, TypeError):
            return False
        if not (isinstance(name, str) and isinstance(value, str)):
            return False
        self.steps.append((kind, name, value))
        return True

    def _filter(self, node):
        """Plans warnings.filterwarnings(…) or warnings.simplefilter(…)."""

        def value(word):
            return getattr(builtins, word.id) if isinstance(word, ast.Name) else ast.literal_eval(word)

        try:
            call = node.value
            words = [value(word) for word in call.args], {word.arg: value(word.value) for word in call.keywords}
            if call.func.value.id != "warnings" or call.func.attr not in ("filterwarnings", "simplefilter"):
                return False
        except (AttributeError, ValueError, TypeError):
            return False
        self.steps.append(("warnings", call.func.attr, *words))
        return True


def names(node):
    """Every name and attribute in an expression."""
    inside = list(ast.walk(node))
    return [one.id for one in inside if isinstance(one, ast.Name)] + [one.attr for one in inside if isinstance(one, ast.Attribute)]


def quiet(node):
    """Whether a statement leaves alone what later imports do: a definition, or a constant given a name."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        try:
            ast.literal_eval(node.value or ast.Constant(None))
        except (ValueError, TypeError, RecursionError):
            return False
        return all(isinstance(target, ast.Name) for target in targets)
    return False


def modules(folder, parts, members):
    """The files of the module that `parts` name below a folder, of the packages around it, and of its members."""
    found = []
    for part in ["", *parts]:
        folder = os.path.join(folder, part)
        found += [os.path.join(folder, "__init__.py"), folder.rstrip(os.sep) + ".py"]
    for member in members:
        inner = os.path.join(folder, member)
        found += [os.path.join(inner, "__init__.py"), inner + ".py"]
    return [file for file in found if os.path.isfile(file)]


def installed(spec):
    """Whether a module belongs to Python or to an installed package, which do not change during a study."""
    if spec.origin in ("built-in", "frozen"):
        return True
    places = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or [])
    return bool(places) and all(place and is_installed(place) for place in places)


def is_installed(path):
    return (
        not {"site-packages", "dist-packages"}.isdisjoint(path.split(os.sep))
        or any(path.startswith(folder + os.sep) for folder in STDLIB)
    )
