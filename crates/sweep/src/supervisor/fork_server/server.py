# The server: makes the imports of the plan, then forks a process for each trial.
#
# Its standard input is a socket to the supervisor, on which either side writes lines of JSON. The first line names the
# script; the answer is "ready". Each further line starts a trial; the answer is its {"pid": …}. Either may be
# answered {"unfit": why} instead: trials cannot be forked; the reason is empty where nobody needs to know. "stale"
# means that the script imports other modules by now. When the socket closes, the server ends.

import atexit
import gc
import importlib.machinery
import io
import json
import resource
import socket
import sys
import time
import types
import warnings

DEVICES = ("/dev/nvidia", "/dev/kfd", "/dev/dri", "/dev/accel")
MARK = "SWEEP_SUPERVISED"


class Unfit(Exception):
    pass


class Watched(type(os.environ)):
    """The environment while modules are imported: notes when one reads a variable whose value depends on the trial."""

    names, seen = frozenset(), []

    def __getitem__(self, name):
        if name in Watched.names:
            Watched.seen.append(name)
        return super().__getitem__(name)


class Temporary:
    """Notes the temporary folders that imports make, since each trial would remove them when it ends."""

    made, mkdir = [], staticmethod(os.mkdir)

    @staticmethod
    def watch(path, mode=0o777, **words):
        Temporary.mkdir(path, mode, **words)
        if mode == 0o700:
            Temporary.made.append(path)


class Script:
    """What trials run: a file or, with -m, a module."""

    def __init__(self, order):
        self.file, self.module, self.arguments = order["file"], order["module"], order["arguments"]
        self.folder = os.path.dirname(os.path.realpath(self.file)) if self.file else os.getcwd()
        # In safe mode, Python looks for no modules beside the script.
        if sys.path and sys.path[0] == "":
            sys.path[0] = self.folder
        else:
            self.folder = None

    def plan(self):
        if self.file and not (self.file.endswith(".py") and os.path.isfile(self.file)):
            raise Unfit("")
        self.look_for_shadows()
        return Plan(self.file, self.module, self.arguments).steps

    def look_for_shadows(self):
        """A module beside the script that has the name of a loaded one would be found first by a process of its own."""
        for entry in sorted(os.listdir(self.folder)) if self.folder else []:
            name = entry.split(".")[0]
            if name in sys.modules and name not in STARTUP:
                package = os.path.isfile(os.path.join(self.folder, entry, "__init__.py"))
                if package or entry.endswith((".py", ".so")):
                    raise Unfit("%s beside the script has the name of an installed module" % entry)

    def move(self, folder):
        """Starts in another folder, in which Python looks for the modules of a command that names none with -m."""
        os.chdir(folder)
        if self.module and self.folder is not None:
            sys.path[0] = os.getcwd()
        if "multiprocessing.process" in sys.modules:
            sys.modules["multiprocessing.process"].ORIGINAL_DIR = os.getcwd()

    def run(self):
        if self.module:
            import runpy

            runpy._run_module_as_main(self.module)
            return
        path = self.file
        if sys.version_info >= (3, 9) and not os.path.isabs(path):
            path = os.path.join(os.getcwd(), path)
        main = sys.modules["__main__"]
        main.__file__ = path
        main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
        if sys.version_info < (3, 15):
            main.__cached__ = None
        with open(path, "rb") as file:
            source = file.read()
        exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)


def carry_out(steps):
    """Makes the imports, unless one of them leaves behind what a fork cannot take along."""
    threads, threaded, begun = tasks(), "", set(sys.modules)
    for kind, name, *rest in steps:
        if kind == "warnings":
            getattr(warnings, name)(*rest[0], **rest[1])
        elif kind == "set":
            os.environ[name] = rest[0]
        elif kind == "setdefault":
            os.environ.setdefault(name, rest[0])
        elif kind == "import" or (rest[0] not in sys.modules and importlib.util.find_spec(name)):
            try:
                __import__(name, {"__name__": "__main__"}, None, rest[0] if kind == "import" else [])
            except BaseException:
                # Each trial fails by itself, or deals with it.
                raise Unfit("") from None
            if Temporary.made:
                raise Unfit("importing %s makes a temporary folder" % name)
            if "threading" in sys.modules and sys.modules["threading"].active_count() > 1:
                raise Unfit("importing %s starts a thread" % name)
            if Watched.seen:
                raise Unfit("importing %s reads %s" % (name, Watched.seen[0]))
            look_at_files(name)
            if tasks() > threads:
                threads, threaded = tasks(), name
    # Thread pools that are safe to fork, as OpenBLAS's, end when the process forks and are made anew where needed.
    probe = os.fork()
    if probe == 0:
        os._exit(0)
    os.waitpid(probe, 0)
    if tasks() > 1:
        raise Unfit("importing %s starts a thread" % (threaded or "its modules"))
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name not in begun and path and os.path.isfile(path) and not is_installed(path):
            raise Unfit("%s, which is not installed, is imported by an installed package" % name)


def tasks():
    return len(os.listdir("/proc/self/task"))


def look_at_files(name):
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink("/proc/self/fd/" + number)
        except OSError:
            continue
        if target.startswith(DEVICES):
            raise Unfit("importing %s opens the GPU" % name)
        if target.startswith("socket:") and int(number) not in OURS:
            raise Unfit("importing %s opens a connection" % name)


def fork():
    """Forks a trial: returns its number, and None in the trial itself, which becomes a child of the supervisor since the
    process in between ends at once."""
    reading, writing = os.pipe()
    between = os.fork()
    if between:
        os.close(writing)
        text = os.read(reading, 64)
        os.close(reading)
        os.waitpid(between, 0)
        if not text:
            raise Unfit("no process could be forked")
        return int(text)
    try:
        between = os.getpid()
        trial = os.fork()
        if trial:
            os.setpgid(trial, trial)
            os.write(writing, b"%d" % trial)
            os._exit(0)
    except BaseException:
        os._exit(1)
    os.setpgid(0, 0)
    os.close(reading)
    os.close(writing)
    while os.getppid() == between:
        time.sleep(0.0002)
    return None


def enter(script, order, printed):
    """Takes on all that a process of its own would have been started with."""
    for number, path, text in (1, order["stdout"], printed[0]), (2, order["stderr"], printed[1]):
        log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        os.dup2(log, number)
        os.close(log)
        os.write(number, text)
    if order["memory"] is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (order["memory"], order["memory"]))
    os.environ.update(order["environment"])
    if order["cwd"] is not None:
        script.move(order["cwd"])
    show(order)
    sys.argv[:] = order["arguments"]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[1:] = order["words"][1:]
    Ending.begin()
    # What a process of its own would seed by chance. Python itself does so for `random`.
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.seed()


class Ending:
    """How a trial ends without the search through all imported objects that Python makes, which takes longer than many a
    trial and copies the memory that is shared. What the script made is taken down as ever."""

    @staticmethod
    def begin():
        # Only then is what the script's functions and globals hold not shared, and given back when Python ends.
        kept = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.modules["__main__"].__dict__.update(vars(kept))
        atexit.register(Ending.flush)
        if "triton" in sys.modules:
            # Its bindings complain of objects that are still there, when all of Python is gone.
            sys._sweep_ending = Ending()

    @staticmethod
    def flush():
        """Writes what open files hold back, should an imported module keep one."""
        for thing in gc.get_objects():
            try:
                if issubclass(type(thing), io.IOBase) and not thing.closed and thing.writable():
                    thing.flush()
            except Exception:
                # As when Python ends, nobody is told.
                pass

    def __init__(self):
        self.null = os.open(os.devnull, os.O_WRONLY)

    def __del__(self, dup2=os.dup2):
        # The modules of Python itself are taken down last.
        dup2(self.null, 2)


def show(order):
    """Overwrites what the system shows of this process: its command, and the mark by which the supervisor knows it."""
    try:
        with open("/proc/self/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        words_at, words_end, variables_at, variables_end = (int(field) for field in fields[45:49])
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            size = words_end - words_at
            words = b"\0".join(os.fsencode(word) for word in order["words"])[: size - 1]
            memory.seek(words_at)
            memory.write(words.ljust(size, b"\0"))
            memory.seek(variables_at)
            mark = os.fsencode(MARK + "=")
            at = (b"\0" + memory.read(variables_end - variables_at)).find(b"\0" + mark)
            if at >= 0:
                memory.seek(variables_at + at)
                memory.write(mark + os.fsencode(order["environment"][MARK]))
    except (OSError, ValueError, OverflowError):
        # Only what others see of the process is lost.
        pass


def hide(error):
    """Leaves this file out of the traceback of an error that ends the script."""
    trace, hook = error.__traceback__, sys.excepthook
    while trace is not None and trace.tb_frame.f_code.co_filename == fork.__code__.co_filename:
        trace = trace.tb_next

    def report(kind, value, _):
        sys.last_traceback = trace
        hook(kind, value.with_traceback(trace), trace)

    sys.excepthook = report


def prepare(order):
    """Makes the imports; what they print is kept for the logs of the trials."""
    Watched.names = frozenset(order["watched"])
    script = Script(order)
    plan = script.plan()
    kept = [os.memfd_create("printed") for _ in range(2)]
    for number, log in zip((1, 2), kept):
        os.dup2(log, number)
    plain = type(os.environ)
    os.environ.__class__, os.mkdir = Watched, Temporary.watch
    try:
        carry_out(plan)
    finally:
        os.environ.__class__, os.mkdir = plain, Temporary.mkdir
    for stream in sys.stdout, sys.stderr:
        stream.flush()
    printed = []
    for log in kept:
        printed.append(os.pread(log, os.fstat(log).st_size, 0))
        os.close(log)
    # Objects that no collection looks at stay in memory that the trials share.
    gc.collect()
    gc.freeze()
    return script, plan, printed


def serve():
    """Answers orders for as long as the socket is open; returns in a trial, with its script."""
    connection = socket.socket(fileno=os.dup(0))
    lines = connection.makefile("rwb")
    OURS.update((0, connection.fileno()))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def answer(message):
        lines.write(json.dumps(message).encode() + b"\n")
        lines.flush()

    state = None
    for line in lines:
        order = json.loads(line)
        try:
            if state is None:
                state = prepare(order)
                answer("ready")
                continue
            script, plan, printed = state
            if script.plan() != plan:
                answer("stale")
                continue
            most = resource.getrlimit(resource.RLIMIT_DATA)[1]
            if order["memory"] is not None and most != resource.RLIM_INFINITY and most < order["memory"]:
                raise Unfit("")
            trial = fork()
        except Unfit as reason:
            answer({"unfit": str(reason)})
            continue
        if trial is not None:
            answer({"pid": trial})
            continue
        lines.close()
        connection.close()
        enter(script, order, printed)
        return script
    os._exit(0)


OURS = set()
script = serve()
try:
    script.run()
except SystemExit:
    raise
except BaseException as error:
    hide(error)
    raise
