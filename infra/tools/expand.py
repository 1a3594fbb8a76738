"""Expands SAM templates to CloudFormation as a deployment would, without a network or an account.

Run by the Python of .tools/sam. Reads a JSON list of templates (YAML text) from stdin and writes a JSON
list of the same length: {"source": {…}, "expanded": {…}} for each that the translator accepts, with the
short forms (!Ref) written out in both, else {"error": "…"}.
With a file name as argument it expands that file and writes just the CloudFormation template. Templates
without SAM's transform, which the nested stacks are, go through unchanged.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import intrinsics_multi_constructor

_REGION = "us-east-1"
#: Parameters that must be a string for the translator, and have no default.
_PARAMETERS = {"ReleaseId": "0123456789"}
_LOCAL_CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


class _Loader(yaml.CSafeLoader):
    """The translator's own loader, in C: otherwise it takes most of the time."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def parse(text: str) -> dict[str, Any]:
    """Parse a template as written, with the short forms (!Ref) spelled out."""
    template: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - derived from SafeLoader
    return template


def expand(source: dict[str, Any]) -> dict[str, Any]:
    """Return the CloudFormation template of one SAM template, with its parameters' defaults.

    Raises InvalidDocumentException with the translator's errors.
    """
    template = copy.deepcopy(source)
    if "Transform" not in template:
        return template
    for resource in template["Resources"].values():
        # The translator expects templates after `sam package` has put the code in a bucket.
        if place := _LOCAL_CODE.get(resource["Type"]):
            resource["Properties"][place] = "s3://bucket/key"
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=_REGION))
    expanded: dict[str, Any] = translator.translate(
        template, parameter_values=_PARAMETERS, passthrough_metadata=True
    )
    return expanded


def _try_to_expand(text: str) -> dict[str, Any]:
    try:
        source = parse(text)
        return {"source": source, "expanded": expand(source)}
    except InvalidDocumentException as error:
        return {"error": " ".join(cause.message for cause in error.causes)}
    except ExceptionWithMessage as error:
        return {"error": error.message}


if __name__ == "__main__":
    if len(sys.argv) == 2:
        json.dump(expand(parse(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdout, indent=1)
    else:
        json.dump([_try_to_expand(text) for text in json.load(sys.stdin)], sys.stdout)
