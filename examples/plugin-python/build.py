"""Builds dist/plugin-python.wasm: the sources, the interpreter that runs them, and nothing of WASI."""

import subprocess
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
# `tollgate plugin` calls a plugin in Python what its folder is called.
component = here / "dist" / f"{here.name}.wasm"
component.parent.mkdir(exist_ok=True)

command = [
    # The one that was installed beside this interpreter.
    Path(sys.executable).with_name("componentize-py"),
    "--quiet",
    *("--wit-path", here / "wit", "--world", "plugin"),
    "componentize",
    *("--python-path", here / "src"),
    # A plugin has no clock, no files, no network and no console, so that the component shall not import them either.
    "--stub-wasi",
    *("--output", component),
    # The module with the class `WitWorld`.
    "greeter",
]
sys.exit(subprocess.run(command).returncode)
