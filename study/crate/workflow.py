"""The stages of dvc.yaml as steps, tools and actions of a Provenance Run Crate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Entity = dict[str, Any]
WORKFLOW = "dvc.yaml"
RUN = "#run"
_ENGINE, _LANGUAGE, _ORCHESTRATION, AGENT = "https://dvc.org", "#dvc-yaml", "#orchestration", "#authors"
_STATUS = "http://schema.org/CompletedActionStatus"


def reference(name: str) -> Entity:
    """A reference to an entity."""
    return {"@id": name}


def references(names: Iterable[str]) -> list[Entity] | Entity:
    """References to entities, each once, in order; a single one as it is, as RO-Crate asks."""
    found = [reference(name) for name in dict.fromkeys(names)]
    return found[0] if len(found) == 1 else found


def program(command: str) -> str:
    """The file that a command of dvc.yaml runs.

    >>> program("python -m study.stages.data")
    'study/stages/data.py'
    """
    return f"{command.split()[-1].replace('.', '/')}.py"


def entities(
    lock: Mapping[str, Any],
    *,
    held: Mapping[str, str],
    date: str,
    version: str,
    code: str,
    remarks: Mapping[str, str],
) -> list[Entity]:
    """The workflow, its engine, steps, formal parameters and one action a stage.

    Parameters
    ----------
    lock
        ``stages`` of dvc.lock: stage to command, dependencies, parameters and outputs.
    held
        Path of the study to the entity of the crate that holds it; what is not there goes by its hash.
    date
        Day of the commit, ISO 8601. DVC records no time, so that it stands for all of them.
    version
        DVC's.
    code
        Address of the code at the study's commit; empty where it has none, and the programs are those of the
        crate.
    remarks
        Stage to what else is recorded of it.
    """
    places = _Places(held)
    actions, steps, tools, controls = [], [], {}, []
    for position, (stage, record) in enumerate(lock.items(), start=1):
        path = program(str(record["cmd"]))
        tool = f"{code}/{path}" if code else path
        tools[tool] = {
            "@id": tool,
            "@type": "SoftwareSourceCode",
            "name": record["cmd"],
            "description": f"The program of stage {stage.partition('@')[0]}.",
            "url": tool,
            "version": date,
        }
        step, action, control = (f"#{kind}-{stage}" for kind in ("step", "action", "control"))
        steps.append(
            {
                "@id": step,
                "@type": "HowToStep",
                "name": stage,
                "position": str(position),
                "workExample": reference(tool),
            }
        )
        inputs = [places.of(one) for one in record.get("deps", [])]
        inputs += [places.parameter(*one) for one in sorted(_flat(record.get("params", {})))]
        actions.append(
            {
                "@id": action,
                "@type": "CreateAction",
                "name": f"Stage {stage}",
                "description": remarks.get(stage, f"{record['cmd']}, as dvc.lock records it."),
                "instrument": reference(tool),
                "agent": reference(AGENT),
                "object": references(inputs),
                "result": references(places.of(one) for one in record.get("outs", [])),
                "startTime": date,
                "endTime": date,
                "actionStatus": _STATUS,
            }
        )
        controls.append(
            {
                "@id": control,
                "@type": "ControlAction",
                "name": f"Control of stage {stage}",
                "instrument": reference(step),
                "object": reference(action),
                "actionStatus": _STATUS,
            }
        )
    return [
        *_workflow(steps, list(tools), date),
        *_run(lock, places, controls, date, version),
        *steps,
        *actions,
        *controls,
        *(tools.values() if code else ()),
        *places.made,
    ]


def _workflow(steps: list[Entity], tools: list[str], date: str) -> list[Entity]:
    given = _formal("#input-params", "params.yaml", "application/yaml", "Every parameter of the study.")
    report = _formal("#output-report", "reports/report.html", "text/html", "The report with its intervals.")
    return [
        {
            "@id": WORKFLOW,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
            "name": "Stages of the replicated study",
            "description": "From parameters and data to the report, a stage a step.",
            "conformsTo": reference("https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"),
            "encodingFormat": "application/yaml",
            "programmingLanguage": reference(_LANGUAGE),
            "license": reference("https://spdx.org/licenses/MIT"),
            "creator": reference(AGENT),
            "author": reference(AGENT),
            "dateCreated": date,
            "sdPublisher": reference(AGENT),
            "url": _ENGINE,
            "version": date,
            "input": reference(given["@id"]),
            "output": reference(report["@id"]),
            "step": references(one["@id"] for one in steps),
            "hasPart": references(tools),
        },
        {
            "@id": _LANGUAGE,
            "@type": "ComputerLanguage",
            "name": "DVC pipeline",
            "alternateName": "dvc.yaml",
            "identifier": reference("https://dvc.org/doc/user-guide/project-structure/dvcyaml-files"),
            "url": reference("https://dvc.org/doc/user-guide/project-structure/dvcyaml-files"),
        },
        given,
        report,
    ]


def _formal(name: str, path: str, kind: str, text: str) -> Entity:
    return {
        "@id": name,
        "@type": "FormalParameter",
        "conformsTo": reference("https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"),
        "name": path,
        "description": text,
        "additionalType": "File",
        "encodingFormat": kind,
        "workExample": reference(path),
    }


def _run(
    lock: Mapping[str, Any], places: _Places, controls: list[Entity], date: str, version: str
) -> list[Entity]:
    results = [places.of(one) for record in lock.values() for one in record.get("outs", [])]
    return [
        {
            "@id": RUN,
            "@type": "CreateAction",
            "name": "The study",
            "description": "All stages, as dvc.lock records them. DVC keeps no times: the commit's day.",
            "instrument": reference(WORKFLOW),
            "agent": reference(AGENT),
            "object": reference("params.yaml"),
            "result": references([*results, "reports/report.html"]),
            "startTime": date,
            "endTime": date,
            "actionStatus": _STATUS,
        },
        {
            "@id": _ORCHESTRATION,
            "@type": "OrganizeAction",
            "name": "dvc repro",
            "description": "DVC runs the stages that are out of date.",
            "instrument": reference(_ENGINE),
            "agent": reference(AGENT),
            "object": references(one["@id"] for one in controls),
            "result": reference(RUN),
            "startTime": date,
            "endTime": date,
            "actionStatus": _STATUS,
        },
        {
            "@id": _ENGINE,
            "@type": "SoftwareApplication",
            "name": "DVC",
            "description": "Runs the stages of dvc.yaml that are out of date and records their hashes.",
            "version": version,
            "url": _ENGINE,
        },
    ]


class _Places:
    """Entities of what stages read and write."""

    def __init__(self, held: Mapping[str, str]) -> None:
        self._held = held
        self._made: dict[str, Entity] = {}

    @property
    def made(self) -> list[Entity]:
        """Those that had to be made, since the crate holds no such file."""
        return list(self._made.values())

    def of(self, recorded: Mapping[str, Any]) -> str:
        """The entity of a path of dvc.lock."""
        path = str(recorded["path"])
        if path in self._held:
            return self._held[path]
        name, digest = f"#{path}", str(recorded.get("md5", "none"))
        self._made[name] = {
            "@id": name,
            "@type": "CreativeWork",
            "name": path,
            "description": f"{path} of the study, by its hash; {recorded.get('size', 0)} bytes.",
            "identifier": f"md5:{digest}",
        }
        return name

    def parameter(self, name: str, value: str) -> str:
        """The entity of a parameter's value."""
        entity = f"#param-{name}"
        self._made[entity] = {"@id": entity, "@type": "PropertyValue", "name": name, "value": value}
        return entity


def _flat(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(value)) for of_file in params.values() for name, value in (of_file or {}).items()]
