// SPDX-License-Identifier: Apache-2.0
#include "findings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace berth {
namespace {

PublishedPort published(int first, int last) {
    PublishedPort port;
    port.how = PublishedPort::How::fixed;
    port.range = PortRange(first, last);
    return port;
}

PortSpec range(int first, int last) {
    PortSpec port(first);
    port.target = PortRange(first, last);
    return port;
}

ServiceSpec bare(const std::string& name) {
    return service(name, "registry.lan/app:1").with_wait(wait::running());
}

TEST(Ports, AreNumbersThatExist) {
    EXPECT_EQ(findings(environment_of({bare("a").with_port(70000)})),
              said("error[BE0307]: '0' is not a port: ports are 1 to 65535"));
    EXPECT_EQ(findings(environment_of({bare("a").with_port(range(9, 5))})),
              said("error[BE0307]: '9-5' is not a port: the range ends before it begins"));
    EXPECT_EQ(findings(environment_of({bare("a").with_expose(0)})),
              said("error[BE0307]: '0' is not a port: ports are 1 to 65535"));
    EXPECT_EQ(findings(environment_of({bare("a").with_ports(std::vector<PortSpec>{PortSpec{}})})),
              said("error[BE0203]: a port in service 'a' needs 'target'"));
    EXPECT_EQ(findings(environment_of({bare("a").with_port(range(80, 82).with_published(published(8000, 8001)))})),
              said("error[BE0614]: host range has 2 ports, container range has 3"));
}

TEST(Ports, AreListedOnce) {
    EXPECT_EQ(findings(environment_of({bare("a").with_port(80).with_port(80)})),
              said("error[BE0208]: '80/tcp' is listed twice"));
    EXPECT_EQ(findings(environment_of({bare("a").with_port(80).with_port(PortSpec(80).with_protocol(Protocol::udp))})),
              "");
    EXPECT_EQ(findings(environment_of(
                  {bare("a").with_port(PortSpec(80).with_name("x")).with_port(PortSpec(81).with_name("x"))})),
              said("error[BE0208]: 'x' is listed twice"));
}

TEST(Ports, ThatAreFixedBelongToOneService) {
    const std::string fixed = "warning[BW0104]: host port 8080 is fixed; two runs cannot share it";

    EXPECT_EQ(findings(environment_of({bare("a").with_port(PortSpec(80).with_published(8080))})), said(fixed));
    EXPECT_EQ(findings(environment_of({bare("a").with_port(range(80, 82).with_published(published(8000, 8002)))})),
              said("warning[BW0104]: host port 8000-8002 is fixed; two runs cannot share it"));
    EXPECT_EQ(findings(environment_of({bare("a").with_port(PortSpec(80).with_published(8080)),
                                       bare("b").with_port(PortSpec(80).with_published(8080))})),
              said(fixed, "\n") + said("error[BE0613]: host port 8080 is asked for by 'a' and 'b'",
                                       "  |\n ::: spec.cpp:1: first here\n"));
    EXPECT_EQ(
        findings(environment_of({bare("a").with_port(PortSpec(80).with_published(8080).with_host_ip("127.0.0.1")),
                                 bare("b").with_port(PortSpec(80).with_published(8080).with_host_ip("127.0.0.2"))})),
        said(fixed));  // both at one place: said once
}

TEST(Networks, AreDeclaredAndUsed) {
    EXPECT_EQ(findings(environment_of({bare("a").with_network("bakc")}).with_network("back").with_network("default")),
              said("error[BE0601]: network 'bakc' is not declared under 'networks'; did you mean 'back'?", "\n") +
                  said("warning[BW0107]: network 'back' is never used", "\n") +
                  said("warning[BW0107]: network 'default' is never used"));
    EXPECT_EQ(findings(environment_of({bare("a"), bare("b")}).with_network("default")), "");
}

TEST(Networks, KnowEachNameOnce) {
    EXPECT_EQ(findings(environment_of({bare("a").with_network("n", {.aliases = std::vector<std::string>{"x"}}),
                                       bare("b").with_network("n", {.aliases = std::vector<std::string>{"x", "b"}})})
                           .with_network("n")),
              said("error[BE0617]: alias 'x' on network 'n' is used by 'a' and 'b'"));
    EXPECT_EQ(findings(environment_of({bare("a").with_network("n"),
                                       bare("b").with_network("n", {.aliases = std::vector<std::string>{"a"}})})
                           .with_network("n")),
              said("error[BE0617]: alias 'a' on network 'n' is used by 'a' and 'b'"));
    EXPECT_EQ(findings(environment_of({bare("a").with_network("n", {.aliases = std::vector<std::string>{"x y"}})})
                           .with_network("n")),
              said("error[BE0304]: 'x y' is not a valid alias: letters, digits, '.', '_' and '-', a letter or digit "
                   "first, at most 63 "
                   "characters"));
}

TEST(Networks, PublishNothingWhenTheyAreInternal) {
    const auto spec =
        environment_of({bare("a").with_port(80).with_network("back")}).with_network("back", {.internal = true});

    EXPECT_EQ(findings(spec), said("error[BE0609]: 'a' publishes ports but is only on internal networks 'back'"));
}

TEST(Mounts, NameAVolumeOfTheSpec) {
    EXPECT_EQ(findings(environment_of({bare("a").with_volume({.source = "dta", .target = "/v"})}).with_volume("data")),
              said("error[BE0603]: volume 'dta' is not declared under 'volumes'; a host path starts with '.', '/' or "
                   "'~'; did you "
                   "mean 'data'?",
                   "\n") +
                  said("warning[BW0107]: volume 'data' is never used"));
    EXPECT_EQ(findings(environment_of({bare("a").with_volume({.target = "/v"})})), "");
}

TEST(Mounts, HaveATargetOfTheirOwn) {
    const std::string here = ":" + std::to_string(__LINE__ + 1);
    EXPECT_EQ(findings(environment_of({bare("a").with_volume({.target = "/v"}).with_tmpfs("/v/:size=1m")})),
              said("error[BE0607]: '/v/' is already mounted at " + std::string(__FILE__) + here));
    EXPECT_EQ(findings(environment_of({bare("a").with_volume({.target = "v"})})),
              said("error[BE0302]: 'v' must be an absolute path in the container"));
    EXPECT_EQ(findings(environment_of({bare("a").with_tmpfs("v:size=1m")})),
              said("error[BE0302]: 'v' must be an absolute path in the container"));
    EXPECT_EQ(findings(environment_of({bare("a").with_volume({.type = MountSpec::Type::tmpfs})})),
              said("error[BE0203]: a mount in service 'a' needs 'target'"));
    EXPECT_EQ(findings(environment_of({bare("a").with_volume({.type = MountSpec::Type::bind, .target = "/v"})})),
              said("error[BE0203]: a bind in service 'a' needs 'source'"));
    EXPECT_EQ(findings(environment_of({bare("a").with_working_dir("w")})),
              said("error[BE0302]: 'w' must be an absolute path in the container"));
}

/// A folder with one file, gone afterwards.
class Files : public testing::Test {
  protected:
    void SetUp() override {
        folder_ =
            std::filesystem::canonical(testing::TempDir()).string() + "/berth-validation-" + std::to_string(::getpid());
        std::filesystem::create_directories(folder_ + "/specs");
        std::ofstream(folder_ + "/specs/here.sql") << "x";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    EnvironmentSpec with(ServiceSpec one) const {
        EnvironmentSpec spec = environment_of({std::move(one)});
        spec.base.directory = folder_ + "/specs";
        return spec;
    }
    std::string folder_;
};

TEST_F(Files, HaveToBeThere) {
    EXPECT_EQ(findings(with(bare("a").with_copy({.from = "here.sql", .to = "/x"}))), "");
    EXPECT_EQ(findings(with(bare("a").with_copy({.from = "sql/gone.sql", .to = "/x"}))),
              said("error[BE0403]: 'sql/gone.sql' does not exist (looked in " + folder_ + "/specs/sql)"));
    EXPECT_EQ(findings(with(bare("a").with_post_ready({.exec = "x", .stdin_file = "gone.sql"}))),
              said("error[BE0403]: 'gone.sql' does not exist (looked in " + folder_ + "/specs)"));
    EXPECT_EQ(findings(with(bare("a").with_volume({.source = "./gone", .target = "/x"}))),
              said("error[BE0404]: bind source './gone' does not exist",
                   "  = help: make '" + folder_ + "/specs/gone' first; nothing is made on the host by itself\n"));
    EXPECT_EQ(
        findings(
            with(bare("a").with_volume({.source = "./gone", .target = "/x"}).with_copy({.from = "gone", .to = "/x"})),
            {.check_files = false}),
        "");
}

TEST_F(Files, StayInTheProject) {
    EXPECT_EQ(findings(with(bare("a").with_volume({.source = "./here.sql", .target = "/x"}))), "");
    EXPECT_EQ(findings(with(bare("a").with_volume({.source = "..", .target = "/x"}))),
              said("warning[BW0109]: bind source '..' is outside the project"));
    EXPECT_EQ(findings(with(bare("a").with_volume({.source = "/var/run/docker.sock", .target = "/x"}))),
              said("warning[BW0113]: 'a' can control the engine through its socket"));
    EXPECT_EQ(findings(with(bare("a").with_artifact({.path = "/x", .to = "a/../../b"}))),
              said("error[BE0405]: 'a/../../b' leaves the run folder"));
    EXPECT_EQ(findings(with(bare("a").with_artifact({.path = "x"}))),
              said("error[BE0302]: 'x' must be an absolute path in the container"));
    EXPECT_EQ(findings(with(bare("a").with_artifact({.to = "x"}))),
              said("error[BE0203]: an artifact in service 'a' needs 'path'"));
}

TEST_F(Files, ComeFromOnePlaceAndGoToOne) {
    EXPECT_EQ(findings(with(bare("a").with_copy({.from = "here.sql", .content = "x", .to = "/x"}))),
              said("error[BE0204]: 'from' and 'content' cannot both be given"));
    EXPECT_EQ(findings(with(bare("a").with_copy({.to = "/x"}))),
              said("error[BE0203]: a copy in service 'a' needs 'from' or 'content'"));
    EXPECT_EQ(findings(with(bare("a").with_copy({.content = "x"}))),
              said("error[BE0203]: a copy in service 'a' needs 'to'"));
    EXPECT_EQ(findings(with(bare("a").with_copy({.content = "x", .to = "x"}))),
              said("error[BE0302]: 'x' must be an absolute path in the container"));
}

TEST(Exports, AreVariablesOfOneGiver) {
    EXPECT_EQ(findings(environment_of({fine("my-db"), fine("my.db")})),
              said("error[BE0209]: 'my-db' and 'my.db' both give the variable BERTH_MY_DB_HOST"));
    EXPECT_EQ(findings(environment_of({fine("db")}).with_export("BERTH_DB_PORT_80", "x")),
              said("error[BE0209]: 'db' and 'exports.BERTH_DB_PORT_80' both give the variable BERTH_DB_PORT_80"));
    EXPECT_EQ(findings(environment_of({fine("db")}).with_export("BERTH_STATE", "x")),
              said("error[BE0209]: 'BERTH_STATE' and 'exports.BERTH_STATE' both give the variable BERTH_STATE"));
    EXPECT_EQ(findings(environment_of({fine("db")}).with_export("DB_URL", "${db.url}")), "");
}

}  // namespace
}  // namespace berth
