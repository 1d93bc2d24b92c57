// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/yaml/reader.hpp>
#include <tests/yaml/places.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace berth {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;

const ReadOptions k_alone{.use_process_environment = false};

class ProcessVariable {
  public:
    ProcessVariable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    ProcessVariable(const ProcessVariable&) = delete;
    ProcessVariable& operator=(const ProcessVariable&) = delete;
    ~ProcessVariable() { ::unsetenv(name_); }

  private:
    const char* name_;
};

ServiceSpec only_service(const std::string& keys, const ReadOptions& options = k_alone) {
    const auto result = try_read_spec_text("services:\n  app:\n    image: x:1\n" + keys, "spec.yaml", options);
    EXPECT_TRUE(result.diagnostics.empty()) << render_short(result.diagnostics);
    return result.spec.services.empty() ? ServiceSpec{} : result.spec.services.front();
}

std::string short_text(const ReadResult& result) {
    return render_short(result.diagnostics);
}

TEST(SpecFiles, ThatCannotBeReadAreToldByName) {
    const Folder folder;
    fs::create_directory("folder");
    ASSERT_EQ(::mkfifo("pipe", 0600), 0);
    folder.write("big.yaml", std::string(1024 * 1024 + 1, '#'));

    EXPECT_EQ(short_text(try_read_spec("missing.yaml")),
              "missing.yaml: error[BE0001]: cannot open 'missing.yaml': no such file or directory\n");
    EXPECT_EQ(short_text(try_read_spec("missing/berth.yaml")),
              "missing/berth.yaml: error[BE0001]: cannot open 'missing/berth.yaml': no such file or directory\n");
    EXPECT_EQ(short_text(try_read_spec("folder")), "folder: error[BE0001]: cannot open 'folder': it is a folder\n");
    EXPECT_EQ(short_text(try_read_spec("pipe")), "pipe: error[BE0001]: cannot open 'pipe': it is a pipe, not a file\n");
    EXPECT_EQ(short_text(try_read_spec("/dev/zero")),
              "/dev/zero: error[BE0001]: cannot open '/dev/zero': it is a device, not a file\n");
    EXPECT_EQ(short_text(try_read_spec("big.yaml")),
              "big.yaml: error[BE0003]: 'big.yaml' is 1048577; the limit is 1 MiB\n");
}

TEST(SpecFiles, KnowTheirFolder) {
    const Folder folder;
    folder.write("specs/shop.yaml", "services: {a: {image: 'x:1'}}\n");

    const auto result = try_read_spec("specs/shop.yaml", k_alone);

    EXPECT_EQ(result.spec.base.directory, (folder.path() / "specs").string());
    EXPECT_STREQ(result.spec.services.at(0).image.origin().file, "specs/shop.yaml");
}

TEST(SpecFiles, AreFoundUpwards) {
    const Folder folder;
    folder.write("berth.yaml", "services: {}\n");
    fs::create_directories("a/b");

    EXPECT_EQ(find_spec_file("a/b"), (folder.path() / "berth.yaml").string());
    EXPECT_EQ(find_spec_file(folder.path().string()), (folder.path() / "berth.yaml").string());
    EXPECT_EQ(find_spec_file("/"), "");
    const ProcessVariable given("BERTH_FILE", "other.yaml");
    EXPECT_EQ(find_spec_file("a/b"), "other.yaml");
}

TEST(SpecFiles, MayStartWithAByteOrderMarkAndEndLinesWithCarriageReturns) {
    const auto result =
        try_read_spec_text("\xef\xbb\xbfservices:\r\n  app:\r\n    imge: x:1\r\n", "spec.yaml", k_alone);

    EXPECT_EQ(short_text(result),
              "spec.yaml:3:5: error[BE0201]: unknown key 'imge' in service 'app'; did you mean 'image'?\n");
}

TEST(ReadSpec, ThrowsEveryMistakeAtOnce) {
    const std::string text =
        "services:\n  app:\n    image: x:1\n    init: yes\n    build: .\n    depends_on: [dbb]\n  db: {image: 'y:1'}\n";

    try {
        read_spec_text(text, "spec.yaml", k_alone);
        FAIL() << "nothing was thrown";
    } catch (const InvalidSpec& error) {
        EXPECT_EQ(render_short(error.diagnostics()),
                  "spec.yaml:4:11: error[BE0312]: write 'true' or 'false', not 'yes'; did you mean 'true'?\n"
                  "spec.yaml:5:5: error[BE0906]: 'build' is understood and not built yet\n"
                  "spec.yaml:6:18: error[BE0505]: 'dbb' is not a service; did you mean 'db'?\n");
    }
}

TEST(ReadSpec, RefusesWhatTheWholeDoesNotAllow) {
    EXPECT_THROW(read_spec_text("services:\n  a: {image: 'x:1', depends_on: [a]}\n", "spec.yaml", k_alone),
                 InvalidSpec);
    EXPECT_NO_THROW(read_spec_text("services:\n  a: {image: 'x:1', wait: none}\n", "spec.yaml", k_alone));
}

TEST(Variables, ComeFromTheNearestSource) {
    const Folder folder;
    folder.write("berth.yaml",
                 "vars: {A: vars, B: vars, C: vars, D: vars, E: vars}\n"
                 "services: {s: {image: 'x:1', wait: none, command: [$A, $B, $C, $D, $E]}}\n");
    folder.write(".env", "B=own\nC=own\nD=own\nE=own\n");
    folder.write("more.env", "C=given\nD=given\nE=given\n");
    const ProcessVariable process_d("D", "process");
    const ProcessVariable process_e("E", "process");
    ReadOptions options;
    options.env_files = {"more.env"};
    options.set = {{"E", "set"}};

    const auto result = try_read_spec("berth.yaml", options);

    ASSERT_TRUE(result.diagnostics.empty()) << short_text(result);
    EXPECT_THAT(*result.spec.services.at(0).command,
                ElementsAre(Text("vars"), Text("own"), Text("given"), Text("process"), Text("set")));
}

TEST(Variables, OfTheProcessCanBeLeftOut) {
    const ProcessVariable set("BERTH_TEST_TAG", "1");

    EXPECT_EQ(only_service("    hostname: h${BERTH_TEST_TAG}\n", {}).hostname.value(), "h1");
    EXPECT_EQ(short_text(try_read_spec_text("services: {a: {image: 'x:${BERTH_TEST_TAG}'}}\n", "s.yaml", k_alone)),
              "s.yaml:1:26: error[BE0401]: variable 'BERTH_TEST_TAG' is not set and has no default; write "
              "'${BERTH_TEST_TAG:-value}' or set it\n");
}

TEST(Variables, MayBeUnsetWhenTheSpecSaysSo) {
    const auto result = try_read_spec_text(
        "defaults: {unset_variables: empty}\nservices: {a: {image: 'x:1', hostname: 'a$NOT_SET_ANYWHERE'}}\n", "s.yaml",
        k_alone);

    EXPECT_EQ(short_text(result), "");
    EXPECT_EQ(*result.spec.services.at(0).hostname, "a");
}

TEST(Variables, OfAMissingEnvFileAreAnErrorUnlessItIsOptional) {
    const Folder folder;
    folder.write("berth.yaml", "env_file: test.env\nservices: {a: {image: 'x:1'}}\n");
    ReadOptions options = k_alone;
    options.env_files = {"gone.env"};

    EXPECT_EQ(
        short_text(try_read_spec("berth.yaml", options)),
        "berth.yaml:1:11: error[BE0417]: env file 'test.env' does not exist; set 'required: false' if that is fine\n"
        "gone.env: error[BE0417]: env file 'gone.env' does not exist; set 'required: false' if that is fine\n");
}

TEST(Variables, AreNotReplacedInKeysAndNotTwice) {
    ReadOptions options = k_alone;
    options.set = {{"A", "$B ${c.d}"}, {"B", "no"}};

    const ServiceSpec service = only_service("    environment: {$A: $A}\n", options);

    ASSERT_EQ(service.environment->count("$A"), 1U);
    EXPECT_EQ(service.environment->at("$A").text, "$$B $${c.d}");
}

TEST(Texts, KeepReferencesAndDollarsWhereReferencesMayStand) {
    const ServiceSpec service = only_service(
        "    command: [\"${db.url}\", $$HOME, \"a$\"]\n    working_dir: /srv/$$x\n    wait: {log: \"^done$\"}\n");

    EXPECT_THAT(*service.command, ElementsAre(Text("${db.url}"), Text("$$HOME"), Text("a$")));
    EXPECT_EQ(*service.working_dir, "/srv/$x");
    EXPECT_EQ(*service.wait->log->matches, "^done$");
}

TEST(Texts, StayAsTheyAreWritten) {
    const ServiceSpec service = only_service(
        "    environment: {A: 24.10, B: 0755, C: off, D: 1e3, E: 0x1F, F: 1_000, G: 12:30:45, H: 'null', I: \"\", J: "
        "null, K: }\n");

    const auto& all = *service.environment;
    for (const auto& [name, text] : std::map<std::string, std::string>{{"A", "24.10"},
                                                                       {"B", "0755"},
                                                                       {"C", "off"},
                                                                       {"D", "1e3"},
                                                                       {"E", "0x1F"},
                                                                       {"F", "1_000"},
                                                                       {"G", "12:30:45"},
                                                                       {"H", "null"},
                                                                       {"I", ""}}) {
        EXPECT_EQ(all.at(name).text, text) << name;
    }
    EXPECT_EQ(all.at("J").text, std::nullopt);
    EXPECT_EQ(all.at("K").text, std::nullopt);
}

TEST(Texts, KnowTheirPlace) {
    const ServiceSpec service = only_service("    command: sh -c 'echo a  b' \"é\" ü\n");

    ASSERT_EQ(service.command->size(), 5U);
    EXPECT_EQ(service.command->at(2).text, "echo a  b");
    EXPECT_EQ(to_string(service.command->at(2).origin), "spec.yaml:4:20");
    EXPECT_EQ(service.command->at(2).origin.end_column, 31);
    EXPECT_EQ(to_string(service.command->at(4).origin), "spec.yaml:4:36");
    EXPECT_EQ(to_string(service.name.origin()), "spec.yaml:2:3");
}

TEST(Commands, AreSplitAsAShellSplitsWords) {
    EXPECT_THAT(*only_service("    command: a \"b c\"'d' e\\ f \"\" \"g\\\"h\" ${i.j:-k l}\n").command,
                ElementsAre(Text("a"), Text("b cd"), Text("e f"), Text(""), Text("g\"h"), Text("${i.j:-k l}")));
    EXPECT_TRUE(only_service("    command: []\n").command.given());
    EXPECT_FALSE(only_service("").command.given());
}

TEST(Ports, HaveManyForms) {
    const auto ports =
        *only_service(
             "    ports:\n      - 80\n      - 8080:81/udp\n      - 127.0.0.1:8082:82\n      - '[::1]:8083:83'\n"
             "      - 127.0.0.1::84\n      - auto:85\n      - 9000-9002:86-88\n"
             "      - {target: 89, published: 9089, host_ip: 0.0.0.0, protocol: sctp, name: last}\n")
             .ports;

    ASSERT_EQ(ports.size(), 8U);
    EXPECT_EQ(ports[0], PortSpec(80));
    EXPECT_EQ(ports[1], PortSpec(81).with_published(PublishedPort(8080)).with_protocol(Protocol::udp));
    EXPECT_EQ(ports[2], PortSpec(82).with_published(PublishedPort(8082)).with_host_ip(std::string("127.0.0.1")));
    EXPECT_EQ(ports[3], PortSpec(83).with_published(PublishedPort(8083)).with_host_ip(std::string("::1")));
    EXPECT_EQ(ports[4], PortSpec(84).with_host_ip(std::string("127.0.0.1")));
    EXPECT_EQ(ports[5].published->how, PublishedPort::How::automatic);
    EXPECT_EQ(ports[6].published->range, PortRange(9000, 9002));
    EXPECT_EQ(*ports[6].target, PortRange(86, 88));
    EXPECT_EQ(ports[7], PortSpec(89)
                            .with_published(PublishedPort(9089))
                            .with_host_ip(std::string("0.0.0.0"))
                            .with_protocol(Protocol::sctp)
                            .with_name(std::string("last")));
}

TEST(Ports, MayBeNamedByAMapping) {
    EXPECT_EQ(*only_service("    ports: {http: 8080, admin: 9090}\n").ports,
              (std::vector<PortSpec>{PortSpec(8080).with_name(std::string("http")),
                                     PortSpec(9090).with_name(std::string("admin"))}));
}

TEST(Mounts, HaveShortAndLongForms) {
    const auto mounts =
        *only_service(
             "    volumes:\n      - data:/data\n      - ./conf:/etc/app:ro\n      - /anonymous\n      - ~/x:/x:rw\n"
             "      - {type: tmpfs, target: /run, read_only: false}\n")
             .volumes;

    ASSERT_EQ(mounts.size(), 5U);
    EXPECT_EQ(*mounts[0].type, MountSpec::Type::volume);
    EXPECT_EQ(mounts[0].source->text, "data");
    EXPECT_EQ(*mounts[0].target, "/data");
    EXPECT_EQ(*mounts[1].type, MountSpec::Type::bind);
    EXPECT_TRUE(*mounts[1].read_only);
    EXPECT_FALSE(mounts[2].source.given());
    EXPECT_EQ(*mounts[2].target, "/anonymous");
    EXPECT_EQ(*mounts[3].type, MountSpec::Type::bind);
    EXPECT_EQ(mounts[3].read_only, Given<bool>(false));
    EXPECT_EQ(*mounts[4].type, MountSpec::Type::tmpfs);
}

TEST(Waits, HaveShortForms) {
    const auto wait_of = [](const std::string& text) { return *only_service("    wait: " + text + "\n").wait; };

    EXPECT_EQ(wait_of("auto"), (WaitSpec{.simple = WaitSpec::Simple::automatic}));
    EXPECT_EQ(wait_of("none"), wait::none());
    EXPECT_EQ(wait_of("running"), wait::running());
    EXPECT_EQ(wait_of("healthy"), wait::healthcheck());
    EXPECT_EQ(wait_of("port"), wait::port());
    EXPECT_EQ(wait_of("exit"), (WaitSpec{.exit = WaitExit{}}));
    EXPECT_EQ(wait_of("{port: true}"), wait::port());
    EXPECT_EQ(wait_of("{port: 80}"), wait::port(80));
    EXPECT_EQ(wait_of("{port: [80, http]}"), wait::port(std::vector<PortName>{80, "http"}));
    EXPECT_EQ(wait_of("{healthcheck: true}"), wait::healthcheck());
    EXPECT_EQ(wait_of("{exit: [0, 3]}").exit->code->ranges.size(), 2U);
    EXPECT_EQ(wait_of("{exec: ping}"), wait::exec("ping"));
    EXPECT_EQ(wait_of("{exec: [ping, -c1]}"), wait::exec({"ping", "-c1"}));
    EXPECT_EQ(wait_of("{log: ready}"), wait::log("ready"));
    EXPECT_EQ(wait_of("{http: /health}"), wait::http("/health"));
    EXPECT_EQ(wait_of("{http: 8080/health}"), wait::http("/health", WaitHttp{.port = 8080}));
    EXPECT_EQ(wait_of("{http: admin/}"), wait::http("/", WaitHttp{.port = "admin"}));
    EXPECT_EQ(wait_of("{http: 'https://:8443/a?b=c'}"),
              wait::http("/a?b=c", WaitHttp{.port = 8443, .scheme = WaitHttp::Scheme::https}));
    EXPECT_EQ(wait_of("[{port: 80}, {log: a}]"), wait::all({wait::port(80), wait::log("a")}));
    EXPECT_EQ(wait_of("{any: [port, {all: [{log: a}, healthy]}]}"),
              wait::any({wait::port(), wait::all({wait::log("a"), wait::healthcheck()})}));
}

TEST(Healthchecks, TakeAShellLineOrAList) {
    EXPECT_THAT(*only_service("    healthcheck: {test: curl -f localhost}\n").healthcheck->test,
                ElementsAre(Text("CMD-SHELL"), Text("curl -f localhost")));
    EXPECT_THAT(*only_service("    healthcheck: {test: [CMD, a, b], retries: 2, interval: 1.5s}\n").healthcheck->test,
                ElementsAre(Text("CMD"), Text("a"), Text("b")));
}

TEST(Services, TakeTheOtherShortForms) {
    const ServiceSpec service = only_service(
        "    depends_on: {a: {condition: service_healthy}}\n    networks: {front: {aliases: [x]}, back: }\n"
        "    ulimits: {nofile: 1024, nproc: {soft: 1, hard: -1}}\n    restart: on-failure:3\n    tmpfs: /tmp\n"
        "    environment: [A=1, B=x=y, C]\n    extra_hosts: [\"a:10.0.0.1\", b=::1]\n    artifacts: /var/log\n"
        "    expose: [80, 90-92/udp]\n    stop_grace_period: 0\n");

    EXPECT_EQ(*service.depends_on->at("a").condition, DependsCondition::service_healthy);
    EXPECT_THAT(*service.networks->at("front").aliases, ElementsAre("x"));
    EXPECT_EQ(service.networks->count("back"), 1U);
    EXPECT_EQ(service.ulimits->at("nofile"), (Ulimit{1024, 1024}));
    EXPECT_EQ(service.ulimits->at("nproc"), (Ulimit{1, -1}));
    EXPECT_EQ(*service.restart, (RestartPolicy{RestartPolicy::Kind::on_failure, 3}));
    EXPECT_THAT(*service.tmpfs, ElementsAre("/tmp"));
    EXPECT_EQ(service.environment->at("B").text, "x=y");
    EXPECT_EQ(service.environment->at("C").text, std::nullopt);
    EXPECT_EQ(service.extra_hosts->at("a").text, "10.0.0.1");
    EXPECT_EQ(service.extra_hosts->at("b").text, "::1");
    EXPECT_EQ(*service.artifacts->at(0).path, "/var/log");
    EXPECT_THAT(*service.expose, ElementsAre(PortRange(80), PortRange(90, 92)));
    EXPECT_EQ(service.stop_grace_period, Given<Duration>(Duration(0)));
}

TEST(Tags, SayHowAKeyWasMeant) {
    const ServiceSpec service = only_service(
        "    ports: !reset [\"80\"]\n    command: !override [a]\n    environment: !reset\n    tmpfs: []\n");

    EXPECT_EQ(service.ports.presence(), Presence::reset);
    EXPECT_EQ(service.command.presence(), Presence::overridden);
    EXPECT_EQ(service.environment.presence(), Presence::reset);
    EXPECT_EQ(service.tmpfs.presence(), Presence::given);
    EXPECT_EQ(service.init.presence(), Presence::absent);
}

TEST(Anchors, MayBeDefinedAgainAndMergeInOrder) {
    const auto result = try_read_spec_text(
        "x-a: &a {tty: true, init: true}\nx-b: &b {tty: false, hostname: b}\nx-a2: &a {hostname: again}\n"
        "services:\n  one: {<<: [*b, *a], image: 'x:1'}\n  two: {<<: *b, image: 'x:1', hostname: own}\n",
        "spec.yaml", k_alone);

    ASSERT_TRUE(result.diagnostics.empty()) << short_text(result);
    EXPECT_EQ(*result.spec.services.at(0).hostname, "b");
    EXPECT_FALSE(*result.spec.services.at(0).tty);
    EXPECT_FALSE(result.spec.services.at(0).init.given());  // the second &a counts, and has none
    EXPECT_EQ(*result.spec.services.at(1).hostname, "own");
}

TEST(Keys, ThatStartWithXAreFreeWhereKeysAreFixed) {
    const auto result = try_read_spec_text(
        "x-own: [1, {a: $NOT_SET}]\nservices:\n  app: {image: 'x:1', x-note: [a], ports: [{target: 80, x-why: b}]}\n",
        "s.yaml", k_alone);

    EXPECT_EQ(short_text(result), "");
}

TEST(Diagnostics, SayWhereInTheDocument) {
    const auto result = try_read_spec_text(
        "services:\n  app:\n    image: x:1\n    ports: [80, {targt: 1}]\n    environment: {a/b~c: []}\n", "s.yaml",
        k_alone);

    ASSERT_EQ(result.diagnostics.size(), 2U) << short_text(result);
    EXPECT_EQ(result.diagnostics[0].path, "/services/app/ports/1/targt");
    EXPECT_EQ(result.diagnostics[0].fix->text, "target");
    EXPECT_EQ(result.diagnostics[1].path, "/services/app/environment/a~1b~0c");
}

}  // namespace
}  // namespace berth
