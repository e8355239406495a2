"""Every shipped model satisfies the published schema, every JSON answer its own; what the schema refuses, so does the tool."""

import glob
import json
import subprocess
import sys

import jsonschema
import yaml

TOOL = sys.argv[1]


class Loader(yaml.SafeLoader):
    """YAML 1.2 as the tool reads it: dates are texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def run(*arguments):
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False)


def schema(*name):
    found = json.loads(run("schema", *name).stdout)
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


model = schema()
answers = {name: schema(name) for name in ["check", "matrix", "gaps", "blast", "exposed", "why", "score"]}
graphs = sorted(glob.glob("graphs/*.yaml") + glob.glob("graphs/incidents/*.yaml") + glob.glob("graphs/pull-requests/*.yaml"))
assert graphs, "no graph found"
checked = 0
for path in graphs:
    with open(path, encoding="utf-8") as file:
        document = yaml.load(file, Loader)
    model.validate(document)
    first, last = document["systems"][0]["id"], document["systems"][-1]["id"]
    rest = {"blast": [first], "exposed": [first], "why": [first, last]}
    for name, validator in answers.items():
        result = run(name, path, *rest.get(name, []), "--format", "json", "--as-of", "2026-11-24")
        assert result.returncode == 0, (path, name, result.stderr)
        validator.validate(json.loads(result.stdout))
        checked += 1

review = schema("review")
for base in graphs:
    for head in ["graphs/storefront.yaml", base]:
        result = run("review", base, head, "--format", "json", "--as-of", "2026-11-24", "--exit-zero")
        assert result.returncode == 0, (base, head, result.stderr)
        review.validate(json.loads(result.stdout))
        checked += 1
    result = run("check", base, "--gate", "--format", "json", "--as-of", "2026-11-24", "--exit-zero")
    assert result.returncode == 0, (base, result.stderr)
    answers["check"].validate(json.loads(result.stdout))
    checked += 1

for words in [[], ["unsplit"], ["aws.lambda"]]:
    schema("explain").validate(json.loads(run("explain", *words, "--format", "json").stdout))

for wrong in [{}, {"weaklink": 2}, {"weaklink": 1, "sytems": []}, {"weaklink": 1, "systems": [{"id": "a", "owner": None}]}]:
    assert not model.is_valid(wrong), wrong
    result = subprocess.run([TOOL, "check", "-"], input=json.dumps(wrong), capture_output=True, text=True, check=False)
    assert result.returncode == 2, (wrong, result.stderr)

print(f"{len(graphs)} models and {checked} answers satisfy their schemas")
