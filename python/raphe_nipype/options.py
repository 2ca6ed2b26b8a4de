"""nipype's configuration: what of it nodes share, and what Raphe is told of it."""
import os
from typing import Any, Dict

Sections = Dict[str, Dict[str, Any]]


def common(config: Dict[str, Any]) -> Sections:
    """Gives the sections of a configuration."""
    return {name: dict(options) for name, options in config.items() if hasattr(options, "items")}


def own_part(config: Sections, shared: Sections) -> Sections:
    """Gives what of a node's configuration is not as in that which all share."""
    own: Sections = {}
    for section, options in (config or {}).items():
        if hasattr(options, "items"):
            known = shared.get(section, {})
            other = {k: v for k, v in options.items() if k not in known or known[k] != v}
            if other:
                own[section] = other
    return own


_FLAGS = (
    "stop_on_first_crash",
    "remove_unnecessary_outputs",
    "keep_inputs",
    "parameterize_dirs",
)


# What a definition says of nipype's configuration.
TOLD = {*_FLAGS, "hash_method", "crashdump_dir"}

# Options of nipype that ask for what only nipype does, when they are on.
_MORE = ("use_relative_paths", "write_provenance", "stop_on_unknown_version", "stop_on_first_rerun")


def asks_for_more(config: Sections) -> bool:
    """Whether a configuration asks for what only nipype's own run of a command does."""
    return any(true(config.get("execution", {}).get(name)) for name in _MORE)


def settings(config: Sections) -> Dict[str, Any]:
    """Gives those options of nipype's configuration that a definition has."""
    options = config.get("execution", {})
    out: Dict[str, Any] = {name: true(options[name]) for name in _FLAGS if name in options}
    if "hash_method" in options:
        out["hash_method"] = str(options["hash_method"]).lower()
    if "crashdump_dir" in options:
        out["crashdump_dir"] = os.path.abspath(str(options["crashdump_dir"]))
    return out


def true(value: Any) -> bool:
    """Whether an option is on, as nipype reads it."""
    return str(value).strip().lower() in ("yes", "true", "t", "1", "on")
