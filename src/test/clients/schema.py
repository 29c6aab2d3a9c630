#!/usr/bin/python3
"""schema.py SOCKET SWAGGER   asks every operation that answers with JSON, and checks status and body against the description of the Engine API.

Docker's own daemon answers null where the description has a list, an object or a text, so null is let through; nothing else is.
"""
import http.client, json, socket, sys, time, urllib.parse
import jsonschema, yaml

SOCKET, SWAGGER = sys.argv[1:]
with open(SWAGGER) as file:
    API = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
VERSION = "/v1.51"
results = {"passed": 0, "failed": 0}


def nullable(schema):
    """The same schema, satisfied by null too."""
    if isinstance(schema, list):
        return [nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: nullable(value) for key, value in schema.items() if key not in ("example", "examples", "default")}
    if isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if isinstance(made.get("enum"), list):
            made["enum"] = made["enum"] + [None]
    return made


DEFINITIONS = nullable(API["definitions"])
RESPONSES = API.get("responses", {})


class Connection(http.client.HTTPConnection):
    def __init__(self):
        super().__init__("docker", timeout=30)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def check(what, faults):
    results["failed" if faults else "passed"] += 1
    print(("not ok - " if faults else "ok - ") + what, flush=True)
    for each in faults[:6]:
        print("      " + each)


def faults_of(schema, value):
    # Beside the definitions, so that references find them.
    validator = jsonschema.Draft4Validator({"definitions": DEFINITIONS, "allOf": [nullable(schema)]})
    return [f"{'/'.join(str(part) for part in each.absolute_path) or '.'}: {each.message[:200]}" for each in validator.iter_errors(value)]


def ask(method, operation, /, query=None, body=None, status=None, lines=False, **variables):
    """OPERATION is a path of the description; its variables are replaced. Returns what the body holds."""
    path = operation
    for name, value in variables.items():
        path = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
    connection = Connection()
    connection.request(method, VERSION + path + ("?" + urllib.parse.urlencode(query) if query else ""), None if body is None else json.dumps(body),
                       {"Content-Type": "application/json"} if body is not None else {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    described = API["paths"][operation][method.lower()]["responses"]
    response = described.get(answer.status)
    if response is None:
        check(f"{method} {operation} -> {answer.status}", [f"the description has {sorted(described)}: {data[:200]!r}"])
        return None
    if "$ref" in response:
        response = RESPONSES[response["$ref"].split("/")[-1]]
    faults = [] if status in (None, answer.status) else [f"expected {status}: {data[:200]!r}"]
    value = None
    if "json" in answer.getheader("Content-Type", ""):
        value = [json.loads(line) for line in data.splitlines() if line] if lines else json.loads(data)
        if "schema" in response:
            for each in value if lines else [value]:
                faults += faults_of(response["schema"], each)
    elif response.get("schema", {}).get("type") in ("object", "array") or "$ref" in response.get("schema", {}):
        faults.append(f"no JSON: {answer.getheader('Content-Type')} {data[:100]!r}")
    check(f"{method} {operation} -> {answer.status}", faults)
    return value


def container(name, **more):
    body = {"Image": "busybox", "Cmd": ["sleep", "1000"], "Labels": {"of": "schema"}, "Env": ["A=b"],
            "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1000000000, "Retries": 2}} | more
    return ask("POST", "/containers/create", query={"name": name}, body=body, status=201)["Id"]


def containers():
    ask("POST", "/networks/create", body={"Name": "schema-net", "IPAM": {"Config": [{"Subnet": "172.30.7.0/24"}]}}, status=201)
    ask("POST", "/volumes/create", body={"Name": "schema-data", "Labels": {"of": "schema"}}, status=201)
    host = {"PortBindings": {"80/tcp": [{"HostPort": ""}]}, "Binds": ["schema-data:/data"], "Memory": 67108864, "NanoCpus": 500000000, "PidsLimit": 100, "Tmpfs": {"/scratch": "size=1m"},
            "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 1}, "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}}, "Ulimits": [{"Name": "nofile", "Soft": 100, "Hard": 200}]}
    one = container("schema-one", ExposedPorts={"80/tcp": {}}, HostConfig=host, NetworkingConfig={"EndpointsConfig": {"schema-net": {"Aliases": ["one"]}}})
    two = container("schema-two", Cmd=["false"])
    ask("POST", "/containers/create", query={"name": "schema-one"}, body={"Image": "busybox"}, status=409)
    ask("POST", "/containers/create", body={"Image": "nowhere.invalid/none"}, status=404)
    for each in (one, two):
        ask("POST", "/containers/{id}/start", id=each, status=204)
    ask("POST", "/containers/{id}/start", id=one, status=304)
    ask("POST", "/containers/{id}/wait", id=two, status=200)
    ask("GET", "/containers/json", query={"all": 1, "size": 1}, status=200)
    for each in (one, two):
        ask("GET", "/containers/{id}/json", id=each, query={"size": 1}, status=200)
        ask("GET", "/containers/{id}/changes", id=each, status=200)
    ask("GET", "/containers/{id}/json", id="nobody", status=404)
    ask("GET", "/containers/{id}/top", id=one, query={"ps_args": "aux"}, status=200)
    ask("GET", "/containers/{id}/stats", id=one, query={"stream": "false"}, status=200)
    ask("POST", "/containers/{id}/update", id=one, body={"Memory": 134217728, "MemorySwap": 268435456}, status=200)
    made = ask("POST", "/containers/{id}/exec", id=one, body={"Cmd": ["true"], "AttachStdout": True}, status=201)
    ask("POST", "/exec/{id}/start", id=made["Id"], body={"Detach": True}, status=200)
    ask("GET", "/exec/{id}/json", id=made["Id"], status=200)
    ask("POST", "/commit", query={"container": one, "repo": "schema", "tag": "1"}, body={}, status=201)
    ask("GET", "/networks", status=200)
    ask("GET", "/networks/{id}", id="schema-net", query={"verbose": "true"}, status=200)
    ask("GET", "/volumes", status=200)
    ask("GET", "/volumes/{name}", name="schema-data", status=200)
    ask("DELETE", "/volumes/{name}", name="schema-data", status=409)
    for each in (one, two):
        ask("DELETE", "/containers/{id}", id=each, query={"force": 1, "v": 1}, status=204)


def images():
    ask("GET", "/images/json", query={"all": 1, "digests": 1, "shared-size": 1}, status=200)
    ask("GET", "/images/{name}/json", name="schema:1", status=200)
    ask("GET", "/images/{name}/history", name="schema:1", status=200)
    ask("POST", "/images/{name}/tag", name="schema:1", query={"repo": "schema", "tag": "2"}, status=201)
    ask("DELETE", "/images/{name}", name="schema:2", status=200)
    ask("DELETE", "/images/{name}", name="schema:1", status=200)
    ask("DELETE", "/images/{name}", name="schema:1", status=404)


def system():
    ask("GET", "/info", status=200)
    ask("GET", "/version", status=200)
    ask("GET", "/system/df", status=200)
    ask("GET", "/events", query={"since": "1", "until": str(int(time.time()))}, status=200, lines=True)
    ask("GET", "/swarm", status=503)
    ask("GET", "/plugins", status=200)
    for each in ("containers", "images", "networks", "volumes"):
        ask("POST", f"/{each}/prune", query={"filters": json.dumps({"label": ["of=schema"]} | ({"all": ["true"]} if each == "volumes" else {}))}, status=200)
    ask("POST", "/build/prune", status=200)
    ask("DELETE", "/networks/{id}", id="schema-net", status=204)
    ask("GET", "/networks/{id}", id="schema-net", status=404)


check("what the description does not say is found", [] if faults_of({"$ref": "#/definitions/ImageSummary"}, {"Id": 5}) else ["it is not"])
containers()
images()
system()
print(f"{results['passed']} passed, {results['failed']} failed")
sys.exit(1 if results["failed"] or results["passed"] < 40 else 0)
