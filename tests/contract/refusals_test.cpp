// SPDX-License-Identifier: Apache-2.0
// What an engine says no to, and in which words. Where engines differ, each row has what each of them was seen to say,
// so that one that begins to answer otherwise fails.
#include <tests/contract/subject.hpp>

#include <ostream>

namespace berth::contract {
namespace {

struct No {
    int status{0};
    std::string message{};
};

/// Of the container `{id}` that the row is about.
enum class State { created, running, paused, gone };

struct Row {
    const char* title{""};
    State state{State::created};
    std::string method{};
    std::string target{};
    std::string body{};
    Per<No> no{};
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.method << ' ' << row.target;
}

const std::string k_no_container = "No such container: {id}";
const std::string k_podman_gone = "no container with name or ID \"{id}\" found: no such container";

Row gone(const char* title, const std::string& method, const std::string& rest, const std::string& body = {}) {
    return {title,  State::gone,
            method, "/containers/{id}" + rest,
            body,   {.docker = {404, k_no_container}, .podman = No{404, k_podman_gone}}};
}

std::vector<Row> rows() {
    const std::string container = "/containers/{id}";
    const std::string exec = R"({"Cmd":["true"],"AttachStdout":true})";
    return {
        {"StartRunning", State::running, "POST", container + "/start", {}, {.docker = {304, ""}}},
        {"StartPaused",
         State::paused,
         "POST",
         container + "/start",
         {},
         {.docker = {409, "cannot start a paused container, try unpause instead"},
          .podman = No{500,
                       "container {id} must be in Created or Stopped state to be started: container state "
                       "improper"}}},
        {"StopCreated", State::created, "POST", container + "/stop", {}, {.docker = {304, ""}, .podman = No{204, ""}}},
        {"KillCreated",
         State::created,
         "POST",
         container + "/kill",
         {},
         {{409, "cannot kill container: {id}: container {id} is not running"},
          No{409, "Cannot kill container: {id}: Container {id} is not running"},
          No{500, "can only kill running containers. {id} is in state created: container state improper"}}},
        {"KillByNoSignal",
         State::running,
         "POST",
         container + "/kill?signal=NOPE",
         {},
         {{400, "cannot kill container: {id}: invalid signal: NOPE"},
          No{400, "Invalid signal: NOPE"},
          No{500, "invalid signal: NOPE"}}},
        {"PauseCreated",
         State::created,
         "POST",
         container + "/pause",
         {},
         {{409, "container {id} is not running"},
          No{409, "Container {id} is not running"},
          No{500, "\"created\" is not running, can't pause: container state improper"}}},
        {"PausePaused",
         State::paused,
         "POST",
         container + "/pause",
         {},
         {.docker = {409, "Container {id} is already paused"},
          .podman = No{500, "\"{id}\" is already paused: container state improper"}}},
        {"UnpauseRunning",
         State::running,
         "POST",
         container + "/unpause",
         {},
         {.docker = {500, "Container {id} is not paused"},
          .podman = No{500, "\"{id}\" is not paused, can't unpause: container state improper"}}},
        {"ExecInCreated",
         State::created,
         "POST",
         container + "/exec",
         exec,
         {{409, "container {id} is not running"},
          No{409, "Container {id} is not running"},
          No{500, "can only create exec sessions on running containers: container state improper"}}},
        {"ExecInPaused",
         State::paused,
         "POST",
         container + "/exec",
         exec,
         {.docker = {409, "Container {id} is paused, unpause the container before exec"},
          .podman = No{409, "cannot create exec session as container {id} is paused"}}},
        {"ExecOfNothing",
         State::running,
         "POST",
         container + "/exec",
         R"({"Cmd":[]})",
         {.docker = {400, "No exec command specified"},
          .podman = No{500, "must provide a non-empty command to start an exec session: invalid argument"}}},
        {"RemoveRunning",
         State::running,
         "DELETE",
         container,
         {},
         {{409,
           "cannot remove container \"{id}\": container is running: stop the container before removing or force "
           "remove"},
          No{409,
             "You cannot remove a running container {id}. Stop the container before attempting removal or force "
             "remove"},
          No{500,
             "cannot remove container {id} as it is running - running or paused containers cannot be removed "
             "without force: container state improper"}}},
        {"RemovePaused",
         State::paused,
         "DELETE",
         container,
         {},
         {{409, "cannot remove container \"{id}\": container is paused and must be unpaused first"},
          No{409,
             "You cannot remove a paused container {id}. Unpause and then stop the container before attempting "
             "removal or force remove"},
          No{500,
             "cannot remove container {id} as it is paused - running or paused containers cannot be removed "
             "without force: container state improper"}}},
        {"RenameToNothing",
         State::created,
         "POST",
         container + "/rename?name=",
         {},
         {.docker = {400, "Neither old nor new names may be empty"},
          .podman = No{500, "names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument"}}},
        {"LogsOfNoStream",
         State::created,
         "GET",
         container + "/logs",
         {},
         {.docker = {400, "Bad parameters: you must choose at least one stream"},
          .podman = No{400, "Bad Request: you must choose at least one stream for /v1.41/containers/{id}/logs"}}},
        {"ArchiveOfNoPath",
         State::created,
         "GET",
         container + "/archive",
         {},
         {.docker = {400, "bad parameter: pathcannot be empty"}, .podman = No{400, "missing `path` parameter"}}},
        {"ArchiveOfAMissingPath",
         State::created,
         "GET",
         container + "/archive?path=/nope",
         {},
         {.docker = {404, "Could not find the file /nope in container {id}"},
          .podman = No{404, "no such file or directory"}}},
        {"ArchiveIntoAFile",
         State::running,
         "PUT",
         container + "/archive?path=/etc/passwd",
         std::string(1024, '\0'),
         {{400, "extraction point is not a directory"},
          No{500, "extraction point is not a directory"},
          No{500, "copier: put: /etc/passwd (/etc/passwd): exists but is not a directory"}}},
        {"ArchiveOfGarbage",
         State::running,
         "PUT",
         container + "/archive?path=/etc",
         std::string(2048, 'g'),
         {{500, "archive/tar: invalid tar header"},
          No{500, "Error processing tar file(exit status 1): archive/tar: invalid tar header"},
          No{500, "reading tar stream: expected EOF: archive/tar: invalid tar header"}}},

        gone("StartGone", "POST", "/start"),
        gone("StopGone", "POST", "/stop"),
        gone("RestartGone", "POST", "/restart"),
        gone("PauseGone", "POST", "/pause"),
        gone("UnpauseGone", "POST", "/unpause"),
        gone("InspectGone", "GET", "/json"),
        gone("LogsOfGone", "GET", "/logs?stdout=1"),
        gone("ArchiveOfGone", "GET", "/archive?path=/etc"),
        gone("ExecInGone", "POST", "/exec", exec),
        gone("RemoveGone", "DELETE", ""),
        gone("RemoveGoneByForce", "DELETE", "?force=1"),
        {"KillGone",
         State::gone,
         "POST",
         container + "/kill",
         {},
         {{404, "cannot kill container: {id}: No such container: {id}"},
          No{404, "Cannot kill container: {id}: No such container: {id}"},
          No{404, k_podman_gone}}},
        {"WaitForGone",
         State::gone,
         "POST",
         container + "/wait",
         {},
         {.docker = {404, k_no_container}, .podman = No{404, "no such container"}}},

        {"CreateByABadName",
         State::created,
         "POST",
         "/containers/create?name=bad~name",
         R"({"Image":"{image}"})",
         {.docker = {400, "Invalid container name (bad~name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"},
          .podman = No{500,
                       "container create: running container create option: names must match "
                       "[a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument"}}},
        {"CreateOfNoImage",
         State::created,
         "POST",
         "/containers/create?name={name}-2",
         R"({"Image":"none:1"})",
         {.docker = {404, "No such image: none:1"},
          .podman = No{404, "no such image: docker.io/library/none:1: image not known"}}},
        {"CreateByATakenName",
         State::created,
         "POST",
         "/containers/create?name={name}",
         R"({"Image":"{image}"})",
         {.docker = {409,
                     "Conflict. The container name \"/{name}\" is already in use by container \"{id}\". You have "
                     "to remove (or rename) that container to be able to reuse that name."},
          .podman = No{500,
                       "container create: creating container storage: the container name \"{name}\" is already "
                       "in use by {id}. You have to remove that container to be able to reuse that name: that "
                       "name is already in use"}}},
        {"CreateOfHalfAnObject",
         State::created,
         "POST",
         "/containers/create?name={name}-2",
         R"({"Image")",
         {{400, "invalid JSON: unexpected EOF"}, No{500, "unexpected EOF"}, No{500, "decode(): unexpected EOF"}}},

        {"InspectNoImage",
         State::created,
         "GET",
         "/images/none:1/json",
         {},
         {{404, "No such image: none:1"},
          No{404, "no such image: none:1: No such image: none:1"},
          No{404, "failed to find image none:1: docker.io/library/none:1: No such image"}}},
        {"RemoveNoImage",
         State::created,
         "DELETE",
         "/images/none:1",
         {},
         {.docker = {404, "No such image: none:1"},
          .podman = No{404, "failed to find image none:1: docker.io/library/none:1: image not known"}}},
        {"TagNoImage",
         State::created,
         "POST",
         "/images/none:1/tag?repo=a&tag=b",
         {},
         {.docker = {404, "No such image: none:1"},
          .podman = No{404, "failed to find image none:1: docker.io/library/none:1: image not known"}}},

        {"StartNoExec",
         State::created,
         "POST",
         "/exec/ffff/start",
         R"({"Detach":false})",
         {.docker = {404, "No such exec instance: ffff"},
          .podman = No{404, "no exec session with ID ffff found: no such exec session"}}},
        {"InspectNoExec",
         State::created,
         "GET",
         "/exec/ffff/json",
         {},
         {.docker = {404, "No such exec instance: ffff"},
          .podman = No{404, "no exec session with ID ffff found: no such exec session"}}},

        {"InspectNoNetwork",
         State::created,
         "GET",
         "/networks/{name}",
         {},
         {.docker = {404, "network {name} not found"},
          .podman = No{404, "unable to find network with name or ID {name}: network not found"}}},
        {"ConnectToNoNetwork",
         State::running,
         "POST",
         "/networks/{name}/connect",
         R"({"Container":"{id}"})",
         {.docker = {404, "network {name} not found"},
          .podman = No{404, "unable to find network with name or ID {name}: network not found"}}},
        {"ConnectARestingOneToNoNetwork",
         State::created,
         "POST",
         "/networks/{name}/connect",
         R"({"Container":"{id}"})",
         {.docker = {200, ""},  // found out at the start
          .podman = No{404, "unable to find network with name or ID {name}: network not found"}}},
        {"CreateThePredefinedNetwork",
         State::created,
         "POST",
         "/networks/create",
         R"({"Name":"bridge","CheckDuplicate":true})",
         {.docker = {403, "operation is not permitted on predefined bridge network "},
          .podman = No{500,
                       "cannot create network with name \"bridge\" because it conflicts with a valid network "
                       "mode"}}},
        {"RemoveThePredefinedNetwork",
         State::running,
         "DELETE",
         "/networks/bridge",
         {},
         {.docker = {403, "bridge is a pre-defined network and cannot be removed"},
          .podman = No{500,
                       "\"podman\" has associated containers with it. Use -f to forcibly delete containers and "
                       "pods: network is being used"}}},

        {"InspectNoVolume",
         State::created,
         "GET",
         "/volumes/{name}",
         {},
         {.docker = {404, "get {name}: no such volume"},
          .podman = No{404, "volume with name {name} not found: no such volume"}}},
        {"RemoveNoVolume",
         State::created,
         "DELETE",
         "/volumes/{name}",
         {},
         {.docker = {404, "get {name}: no such volume"},
          .podman = No{404, "no volume with name \"{name}\" found: no such volume"}}},

        {"FilterByNoKey",
         State::created,
         "GET",
         "/containers/json?filters=%7B%22nokey%22%3A%5B%22x%22%5D%7D",
         {},
         {{400, "invalid filter 'nokey'"}, No{400, "Invalid filter 'nokey'"}, No{500, "nokey is an invalid filter"}}},
        {"FilterByNoJson",
         State::created,
         "GET",
         "/containers/json?filters=%7B",
         {},
         {{400, "invalid filter"},
          No{500, "unexpected end of JSON input"},
          No{500,
             "failed to decode filter parameters for /v1.41/containers/json?filters=%7B: unexpected end of JSON "
             "input"}}},
        {"NoSuchPath",
         State::created,
         "GET",
         "/nonsense",
         {},
         {.docker = {404, "page not found"}, .podman = No{404, "Not Found\n"}}},
        {"NoSuchMethod",
         State::created,
         "PUT",
         "/containers/json",
         {},
         {.docker = {404, "page not found"}, .podman = No{405, "Method Not Allowed\n"}}},
        {"TwoSlashes", State::created, "GET", "/containers//json", {}, {.docker = {301, ""}}},
    };
}

class Refusals : public Contract, public ::testing::WithParamInterface<Row> {
  protected:
    static std::string replaced(std::string text, const std::string& what, const std::string& by) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
            text.replace(at, what.size(), by);
        }
        return text;
    }
};

TEST_P(Refusals, AreAnsweredAsDockerDoes) {
    const Row& row = GetParam();
    const ContainerConfig idle = config(Behaviour::idles);
    const ContainerId id = created(idle);
    if (row.state == State::running || row.state == State::paused) {
        containers_.start(id);
    }
    if (row.state == State::paused) {
        containers_.pause(id);
    }
    if (row.state == State::gone) {
        containers_.remove(id);
    }
    const auto filled = [&](const std::string& text) {
        return replaced(replaced(replaced(text, "{id}", id.text), "{name}", name("c1")), "{image}", idle.image);
    };

    const Said said = ask(row.method, filled(row.target), filled(row.body));

    const No& expected = row.no.of(flavour());
    EXPECT_EQ(said.status, expected.status);
    if (said.status < 300 || said.status == 304) {
        EXPECT_EQ(said.message, expected.message);
    } else if (said.status != 301) {  // whose body is a page for people, or nothing
        EXPECT_EQ(said.message, filled(expected.message));
    }
    if (row.state == State::paused) {
        containers_.unpause(id);
    }
}

INSTANTIATE_TEST_SUITE_P(OfEveryCall, Refusals, ::testing::ValuesIn(rows()),
                         [](const auto& instance) { return std::string(instance.param.title); });

}  // namespace
}  // namespace berth::contract
