"""Every form of a finding is what its reader takes: SARIF, JUnit, annotations, code quality, Markdown; hostile names stay names."""

import gzip
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse
import xml.etree.ElementTree

import cmarkgfm
import jsonschema
from cmarkgfm.cmark import Options

TOOL, MULTITOOL, SCHEMA = sys.argv[1:4]
AS_OF = ["--as-of", "2026-11-24"]
FORMS = ["sarif", "junit", "github", "gitlab", "markdown", "json", "table"]
LAYERS = ["physical", "virtualization", "os", "network", "applications", "directory", "monitoring", "config", "access", "code", "data"]

# What may stand in an id: any printable ASCII character but the blank.
IDS = [chr(code) for code in range(0x21, 0x7F)] + [
    "`", "``", "`a", "a`", "a``b`c", "```", "|", "a|b", "\\|", "\\\\|", "a\\", "\\", "||", "<script>alert(1)</script>", "-->", "--!>",
    "<!--", "@team", "@org/team", "#1", "org/repo#1", "![](http://x)", "[x](http://x)", "[x]:y", "<details>", "</td>", "</code>",
    "::add-mask::x", "::error::x", "::stop-commands::x", "##[add-mask]x", "##[group]x", "x##[error]y", "##vso[task.setvariable]x",
    "##VSO[x]", "]]>", "<![CDATA[", "<?xml?>", "<!DOCTYPE", "&", "&amp;", "&lt;", "&#0;", "%0A", "%0A::error::x", "%0D%0A", "%25",
    "http://x.example", "www.x.example", "a@b.example", "**b**", "__b__", "~~b~~", "$x$", "---", "|---|", "1.", "{0}", "{{0}}", "{",
    "${{secrets.X}}", "$(id)", ";id", ":tada:", "\"", "'", "\"'<>&", "../../x", "/etc/passwd", "C:\\x", "file:///x", "javascript:x",
    "=1+1", "-x", "--help", "a,b", "a:b", ":", "::", "a:os", "nobody", "null", "true", "1e9", "0", "x" * 512, "`" * 512, "|" * 512,
    "\\" * 511, "[" * 200 + "]" * 200,
]  # fmt: skip

# What may stand in free text.
TEXTS = [
    " ", "  ", " lead", "trail ", "` ", " `", "a\u202eb", "\u200b", "a\u00adb", "\u2066x", "\ufffe", "\uffff", "\ufeffx", "\u2028x",
    "\ue000", "\U0001f4a5", "\U000e0041", "e\u0301", "Ünal & Söhne <b>", "a | b", "a \\| b", "`a` | `b`", "@team #1 <details>",
    "::error::x", " ::error::x", "##[add-mask]x", "%0A::error::x", "]]>", "</failure>", "<!-- weaklink:review -->", "&#xFFFE;",
]  # fmt: skip


# Characters that a reader does not see, or that move others; the tool shows them by their numbers.
RANGES = [
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0D), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB), (0xFDD0, 0xFDEF), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
] + [(plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF) for plane in range(17)]  # fmt: skip
HIDDEN = re.compile("[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in RANGES) + "]")


def visible(text):
    """Text as the tool shows it."""
    picture = lambda c: chr(0x2400 + ord(c)) if c < " " else "\u2421" if c == "\x7f" else f"‹U+{ord(c):04X}›"
    shown = HIDDEN.sub(lambda found: picture(found[0]), text)
    return re.sub(r"(##(?:vso)?)\[", r"\1‹[›", shown, flags=re.IGNORECASE)


def marked(text):
    """Text as Markdown shows it: no renderer knows a fence for so many backticks."""
    return re.sub("`{65,}", lambda ticks: f"‹{len(ticks[0])} backticks›", visible(text))


def run(*arguments, status=None):
    result = subprocess.run([TOOL, *arguments], capture_output=True, check=False)
    told = result.stderr.decode()
    assert status is None or result.returncode in status, (arguments, result.returncode, told[:2000])
    return result.stdout.decode()


class Html(html.parser.HTMLParser):
    """The elements, comments and code of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.comments, self.codes, self.inside, self.text = set(), [], [], 0, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert tag in ("th", "td") or not attrs, (tag, attrs)
        assert all(name == "align" for name, _ in attrs), attrs
        self.elements.add(tag)
        if tag == "code":
            self.inside += 1
            self.codes.append("")

    def handle_endtag(self, tag):
        self.inside -= tag == "code"

    def handle_data(self, data):
        if self.inside:
            self.codes[-1] += data
        else:
            self.text.append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    def handle_decl(self, decl):
        raise AssertionError(decl)

    def handle_pi(self, data):
        raise AssertionError(data)


ELEMENTS = {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "em", "strong"}


def check_markdown(command, text, names=None):
    assert len(text) <= 65_536, len(text)
    assert text.startswith(f"<!-- weaklink:{command} -->\n")
    page = Html(cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE))
    assert page.elements <= ELEMENTS, page.elements - ELEMENTS
    assert page.comments == [f" weaklink:{command} "], page.comments
    outside = "".join(page.text).replace("<.01", "")
    assert not re.search(r"[`|@\[\]<>\\&]", outside), re.findall(r".{0,20}[`|@\[\]<>\\&].{0,20}", outside)[:5]
    if names is not None:
        unknown = [code for code in page.codes if code not in names]
        assert not unknown, unknown[:5]
    return page


def check_sarif(text, names=None):
    log = json.loads(text)
    [run_of_tool] = log["runs"]
    results = run_of_tool["results"]
    assert len(results) <= 5_000 and len(gzip.compress(text.encode())) < 10_000_000
    for rule in run_of_tool["tool"]["driver"]["rules"]:
        assert len(rule["id"]) <= 255 and len(rule.get("name", "")) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1_024 and 0 < len(rule["fullDescription"]["text"]) <= 1_024
        assert rule["help"]["text"] and 0.1 <= float(rule["properties"]["security-severity"]) <= 10.0
        assert "security" in rule["properties"]["tags"] and len(rule["properties"]["tags"]) <= 10
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    assert len(set(prints)) == len(prints)
    for result in results:
        assert len(result["locations"]) == 1
        flows = [flow for code in result.get("codeFlows", []) for flow in code["threadFlows"]]
        assert sum(len(flow["locations"]) for flow in flows) <= 1_000
        for location in result["locations"] + [step["location"] for flow in flows for step in flow["locations"]]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri) and not uri.startswith(("/", "./", "../")), uri
        if names is not None:
            assert result["locations"][0].get("logicalLocations", [{"fullyQualifiedName": ""}])[0]["fullyQualifiedName"] in names | {""}
    return results


def check_junit(text):
    assert "\ufffe" not in text and "\uffff" not in text
    root = xml.etree.ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    [suite] = root
    cases = suite.findall("testcase")
    count = lambda tag: len(suite.findall(f"testcase/{tag}"))
    for element in (root, suite):
        assert int(element.get("tests")) == len(cases), text
        assert int(element.get("failures")) == count("failure") and int(element.get("errors")) == 0
    assert int(suite.get("skipped")) == count("skipped")
    assert {child.tag for child in suite} <= {"testcase", "system-out"}
    for case in cases:
        assert case.get("name") and case.get("classname") and len(case) <= 1
        for failure in case.findall("failure"):
            assert failure.get("message") and failure.get("type") and failure.text
    return count("failure")


def check_github(text):
    place = r"file=[^:,\s]*(?: [^:,\s]*)*,line=\d+,endLine=\d+,col=\d+,title=[a-z-]+"
    for line in text.splitlines():
        assert re.match(rf"::(?:error|warning) (?:{place}|title=waiver)::|::(?:error|warning)::\d+ more of ", line), line
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line), line
    return text.count("\n")


def check_gitlab(text):
    issues = json.loads(text)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        path = issue["location"]["path"]
        assert path and not path.startswith(("/", "./", "../")), path
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return len(issues)


def no_commands(form, text):
    """Nothing that a build service obeys stands in its log."""
    assert not re.search(r"##(?:vso)?\[", text, re.IGNORECASE), form
    if form != "github":
        at_start = [line for line in text.splitlines() if line.strip().startswith("::")]
        assert not at_start, (form, at_start[:3])
    assert not HIDDEN.search(text.replace("\n", "")), form


logs = []


def check(command, arguments, status, names=None, empty=False):
    """One question in every form."""
    found = {}
    for form in FORMS:
        text = run(*arguments, *AS_OF, "--format", form, status=status)
        no_commands(form, text)
        found[form] = text
    results = check_sarif(found["sarif"], names)
    logs.append(found["sarif"])
    failures = check_junit(found["junit"])
    lines = check_github(found["github"])
    issues = check_gitlab(found["gitlab"])
    page = check_markdown(command, found["markdown"], names)
    answer = json.loads(found["json"])
    if empty:
        assert (results, failures, lines, issues) == ([], 0, 0, 0) and found["gitlab"] == "[]\n", arguments
        assert "table" not in page.elements and not answer["changes"], found["markdown"]
    return found, page


def texts(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def waiver(finding, until, reason, by):
    seal = hashlib.sha256(f"weaklink/waiver/1\n{finding}\n{until}\n{reason}\n{by}\n".encode()).hexdigest()[:32]
    return {"finding": finding, "until": until, "reason": reason, "by": by, "seal": seal}


def naughty():
    path = os.path.join(os.environ.get("WEAKLINK_SHARED", ""), "cases", "naughty.txt")
    if not os.path.exists(path):
        print("SKIPPED: the shared list of texts is not there; set WEAKLINK_SHARED")
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().split("\x1e")


def hostile_texts():
    """Ids and free texts that are legal in a model, and hostile."""
    more = naughty()
    ids = list(dict.fromkeys(IDS + [text for text in more if re.fullmatch(r"[!-~]{1,512}", text)]))
    free = [text for text in TEXTS + more if text.strip() and len(text) <= 256 and not re.search("[\x00-\x1f\x7f-\x9f]", text)]
    return [name for name in ids if name != "nobody"], list(dict.fromkeys(free))


def hostile(folder, ids, free):
    """Two models with hostile ids and texts in which something of every kind happens, their waivers, and all their words."""
    text = lambda ix: free[ix % len(free)]

    def system(ix, name, **rest):
        own = {"id": name, "name": text(ix), "model": "iaas", "owner": name, "criticality": "crown-jewel", "facing": "internet"}
        return own | {"source": text(ix + 1), "tags": [text(ix + 2)]} | rest

    def layers(ix, status):
        return {"layers": {"os": {"status": status, "note": text(ix)}, "code": {"owner": ids[ix], "status": "implemented", "note": text(ix)}}}

    parties = [{"id": name, "kind": "customer", "name": text(ix)} for ix, name in enumerate(ids)]
    head, base, links, old_links = [], [], [], []
    for ix, name in enumerate(ids):
        links.append({"id": name, "from": name, "to": ids[(ix + 1) % len(ids)], "kind": "supplies", "note": text(ix)})
        if ix % 4 == 0:  # a new system
            head.append(system(ix, name))
        elif ix % 4 == 1:  # worse than before
            head.append(system(ix, name, **layers(ix, "not-implemented")))
            base.append(system(ix, name, **layers(ix, "implemented")))
        elif ix % 4 == 2:  # better, without evidence; and said to matter less
            head.append(system(ix, name, **layers(ix, "implemented"), criticality="high"))
            base.append(system(ix, name, **layers(ix, "planned")))
        else:  # what was said is no longer said
            head.append(system(ix, name))
            base.append(system(ix, name, **layers(ix, "implemented")))
    order = [entry["id"] for entry in base]
    for ix, name in enumerate(order):
        old_links.append({"id": f"{name[:500]}-old", "from": name, "to": order[(ix + 1) % len(order)], "kind": "reaches"})
        base.append({"id": f"{name[:500]}-gone", "name": text(ix), "model": "saas", "owner": name})
    base = {"weaklink": 1, "name": text(3), "parties": parties, "systems": base, "connections": old_links}
    head = {"weaklink": 1, "name": text(4), "parties": parties, "systems": head, "connections": links}
    paths = [written(folder, "base.json", base), written(folder, "head.json", head)]
    answer = json.loads(run("review", *paths, *AS_OF, "-f", "json", status=[1]))
    kinds = {entry["kind"] for entry in answer["weakenings"]}
    assert {"removed-system", "removed-connection", "removed-status", "claim-without-evidence", "lower-criticality"} <= kinds, kinds
    assert answer["rises"] and answer["less_known"], kinds
    found = [entry["finding"]["id"] for key in ["rises", "weakenings", "less_known"] for entry in answer[key]]
    gaps = json.loads(run("check", paths[1], "--gate", *AS_OF, "-f", "json", status=[1]))["gate"]["findings"]
    found += [entry["finding"]["id"] for entry in gaps[::40]]
    # Some hold, some are past, some find nothing.
    waivers = [waiver(finding, "2027-01-01", text(ix), text(ix + 5)) for ix, finding in enumerate(found[::9])]
    waivers += [waiver(finding, "2026-01-01", text(ix), text(ix + 7)) for ix, finding in enumerate(found[1::23])]
    waivers += [waiver(f"rise@{name[:500]}-not:os", "2027-01-01", "x", text(ix)) for ix, name in enumerate(ids[::5])]
    waivers = list({entry["finding"]: entry for entry in waivers}.values())
    paths.append(written(folder, "waivers.json", {"weaklink_waivers": 1, "waiver": waivers}))
    words = set(texts([base, head, waivers])) | {f"{name}:{layer}" for name in ids for layer in LAYERS}
    words |= {entry["finding"] for entry in waivers} | KEYS | set(found)
    words |= {f"{finding.split('@', 1)[1]}" for finding in found}
    return paths, {shown(word) for word in words for shown in (visible, marked)}, answer


# Words of the format that a page shows as it shows names.
KEYS = {"facing", "criticality", "owner", "status", "source", "name", "code owner"}


def written(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)
    return path


def large(folder, systems, width):
    """A review with a rise of every system, each with an id of this many characters."""
    name = lambda ix: (f"{ix:05}" + "`|\\<@" * 110)[:width]
    covered = {layer: {"status": "implemented", "owner": "me"} for layer in LAYERS}

    def entry(ix, status):
        layers = covered | {"os": {"status": status, "owner": "me"}}
        return {"id": name(ix), "model": "on-premises", "owner": "me", "facing": "internet", "criticality": "crown-jewel", "layers": layers}

    paths = []
    for file_name, status in [("large-base.json", "implemented"), ("large-head.json", "not-implemented")]:
        model = {"weaklink": 1, "parties": [{"id": "me", "kind": "customer"}], "systems": [entry(ix, status) for ix in range(systems)]}
        paths.append(written(folder, file_name, model))
    return paths


def long_path(folder, systems):
    """A review in which one gap at the end of a long chain reaches far."""
    name = lambda ix: (f"{ix:05}" + "`|\\<@" * 110)[:512]
    paths = []
    for file_name, status in [("path-base.json", "implemented"), ("path-head.json", "not-implemented")]:
        # Where nobody looks, nothing is lost on the way.
        covered = {layer: {"status": "implemented", "owner": "me"} for layer in LAYERS} | {"monitoring": {"status": "planned", "owner": "me"}}
        own = {"model": "on-premises", "owner": "me", "facing": "isolated", "criticality": "low", "layers": covered}
        list_of_systems = [{"id": name(ix)} | own for ix in range(systems)]
        list_of_systems[0] |= {"facing": "internet", "layers": covered | {"code": {"status": status, "owner": "me"}}}
        list_of_systems[-1]["criticality"] = "crown-jewel"
        chain = [{"from": name(ix), "to": name(ix + 1), "kind": "supplies", "id": f"c{ix}"} for ix in range(systems - 1)]
        model = {"weaklink": 1, "parties": [{"id": "me", "kind": "customer"}], "systems": list_of_systems, "connections": chain}
        paths.append(written(folder, file_name, model))
    return paths


def validate(folder):
    """Every log by the published schema, and by the validator with the rules of the platform."""
    with open(SCHEMA, encoding="utf-8-sig") as file:
        schema = jsonschema.Draft202012Validator(json.load(file))
    paths = []
    for ix, text in enumerate(logs):
        log = json.loads(text)
        # The steps of a path are all alike to the schema; a few of each of many thousands are enough.
        for result in log["runs"][0]["results"]:
            for code in result.get("codeFlows", []):
                for flow in code["threadFlows"]:
                    flow["locations"] = flow["locations"][:20]
        log["runs"][0]["results"] = log["runs"][0]["results"][:400] + log["runs"][0]["results"][-50:]
        fault = next(schema.iter_errors(log), None)
        assert fault is None, (ix, str(fault)[:2000])
        paths.append(os.path.join(folder, f"{ix:02}.sarif"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            json.dump(log, file, indent=1)
    out = os.path.join(folder, "validated.json")
    told = subprocess.run(
        [MULTITOOL, "validate", *paths, "--rule-kind", "Sarif;Ghas", "--output", out, "--log", "ForceOverwrite", "--quiet", "true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, (told.returncode, told.stdout[-2000:], told.stderr[-2000:])
    with open(out, encoding="utf-8-sig") as file:
        [validation] = json.load(file)["runs"]
    [invocation] = validation["invocations"]
    assert invocation["executionSuccessful"] and not invocation.get("toolExecutionNotifications"), invocation
    with open("Cargo.toml", "rb") as file:
        package = tomllib.load(file)["package"]
    # A tool says where it lives; this one can only say so once it has an address.
    excused = set() if "homepage" in package or "repository" in package else {"SARIF2005"}
    faults = [
        (result["ruleId"], result.get("level"), result["message"].get("arguments"))
        for result in validation.get("results", [])
        if result.get("level") in (None, "warning", "error") and result["ruleId"] not in excused
    ]
    assert not faults, (len(faults), faults[:10])
    return len(paths)


def main():
    graphs = sorted(os.listdir("graphs/pull-requests"))
    incidents = sorted(os.listdir("graphs/incidents"))
    assert len(graphs) == 5 and len(incidents) == 12
    for graph in graphs:
        check("review", ["review", "graphs/storefront.yaml", f"graphs/pull-requests/{graph}", "--all"], [0, 1])
    for graph in ["storefront.yaml"] + [f"incidents/{name}" for name in incidents]:
        check("check", ["check", f"graphs/{graph}", "--gate", "--all", "--lines"], [0, 1])
    check("review", ["review", "graphs/storefront.yaml", "graphs/storefront.yaml"], [0], empty=True)
    whole = 0
    with tempfile.TemporaryDirectory() as folder:
        ids, free = hostile_texts()
        for at in range(0, len(ids), 40):
            own = ids[at : at + 40] if at + 40 <= len(ids) else ids[-40:]
            (base, head, waivers), names, answer = hostile(folder, own, free[at % len(free) :] + free)
            for model in [base, head] if at == 0 else []:
                check("review", ["review", model, model], [0], empty=True)
            found, page = check("review", ["review", base, head, "--waivers", waivers, "--all"], [1], names)
            if "showing" not in "".join(page.text):
                missing = {marked(rise["id"]) for rise in answer["rises"]} - set(page.codes)
                assert not missing, missing
                whole += 1
            check("check", ["check", head, "--gate", "--waivers", waivers, "--lines", "--top", "40"], [1])
        assert whole > 3, whole
        for width, systems in [(512, 5_200), (6, 3_000)]:
            paths = large(folder, systems, width)
            found, _ = check("review", ["review", *paths, "--all"], [1])
            assert len(json.loads(found["json"])["rises"]) == systems
            assert len(json.loads(found["sarif"])["runs"][0]["results"]) == min(systems, 5_000)
            assert len(run("review", *paths, *AS_OF, "-f", "markdown", status=[1])) <= 65_536
        paths = long_path(folder, 1_200)
        text = run("review", *paths, *AS_OF, "-f", "sarif", status=[1])
        logs.append(text)
        steps = [len(result["codeFlows"][0]["threadFlows"][0]["locations"]) for result in check_sarif(text) if "codeFlows" in result]
        assert 100 < max(steps) <= 1_000, max(steps)
        check_markdown("review", run("review", *paths, *AS_OF, "-f", "markdown", status=[1]))
        validated = validate(folder)
    print(f"{validated} reviews and checks in {len(FORMS)} forms each are what their readers take")


main()
