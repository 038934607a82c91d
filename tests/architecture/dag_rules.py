"""What a DAG file may hold. Each rule takes a source text and returns what is wrong with it."""

from __future__ import annotations

import ast
import re

HEADINGS = ["What", "In", "Out", "Rerun", "If it fails"]
MAY_IMPORT = ("__future__", "airflow.sdk", "pendulum", "retail_pipeline")
# Of ours: what is declared with, not what it is made of.
OURS = re.compile(
    r"retail_pipeline\.((pipelines|monitors)\.\w+\.(\w+_)?operators|orchestration\.\w+|settings\.file)"
)
NOT_WHILE_PARSING = {
    "Variable",
    "Connection",
    "BaseHook",
    "environ",
    "getenv",
    "open",
    "requests",
    "urlopen",
    "get_conn",
    "get_connection",
}


def wrong_imports(source: str) -> list[str]:
    return [name for name in _imported(source) if not _may_import(name)]


def _imported(source: str) -> list[str]:
    modules = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules.append("." * node.level + (node.module or ""))
    return modules


def _may_import(name: str) -> bool:
    if name.split(".")[0] == "retail_pipeline":
        return bool(OURS.fullmatch(name))
    return name in MAY_IMPORT


def dag_ids(source: str) -> list[str]:
    """Return the dag_id of every DAG that a file makes."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [_dag_id(node, constants) for node in ast.walk(tree) if _makes_dag(node)]


def _makes_dag(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return getattr(node.func, "id", getattr(node.func, "attr", "")) in ("DAG", "dag")


def _dag_id(call: ast.AST, constants: dict[str, object]) -> str:
    assert isinstance(call, ast.Call)
    given = [keyword.value for keyword in call.keywords if keyword.arg == "dag_id"] + call.args[:1]
    if not given:
        return "?"
    if isinstance(given[0], ast.Constant):
        return str(given[0].value)
    return str(constants.get(getattr(given[0], "id", ""), "?"))


def headings(source: str) -> list[str]:
    """Return the headings of the module's docstring, in order."""
    return re.findall(r"^### (.+?)\s*$", ast.get_docstring(ast.parse(source)) or "", re.MULTILINE)


def empty_headings(source: str) -> list[str]:
    """Return the headings that nothing stands below."""
    text = ast.get_docstring(ast.parse(source)) or ""
    parts = re.split(r"^### (.+?)\s*$", text, flags=re.MULTILINE)[1:]
    return [name for name, content in zip(parts[::2], parts[1::2], strict=True) if not content.strip()]


def work_while_parsing(source: str) -> list[str]:
    """Return the names that would ask somebody while the file is parsed."""
    used = []
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if name in NOT_WHILE_PARSING:
            used.append(str(name))
    return used


def statements_beside_the_dag(source: str) -> list[str]:
    """Return functions and classes at the top of a file: business code has no place there."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in ast.parse(source).body if isinstance(node, kinds)]
