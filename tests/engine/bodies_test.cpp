// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/bodies.hpp>
#include <berth/engine/internal/container_bodies.hpp>
#include <berth/engine/internal/wire.hpp>
#include <tests/engine/scripted_engine.hpp>

#include <gtest/gtest.h>

namespace berth::engine {
namespace {

using namespace std::chrono_literals;

constexpr ApiVersion k_old{1, 41};
constexpr ApiVersion k_new{1, 44};

TEST(CreateContainerBody, LeavesOutWhatWasNotGiven) {
    EXPECT_EQ(
        create_container_body({.image = "redis:7"}, k_old),
        R"({"HostConfig":{"Privileged":false,"ReadonlyRootfs":false},"Image":"redis:7","Labels":{},"OpenStdin":false,)"
        R"("Tty":false})");
}

TEST(CreateContainerBody, ExposesEachPortThatItPublishes) {
    const ContainerConfig config{
        .image = "x", .exposed_ports = {"9000/tcp"}, .ports = {{"80/tcp", "127.0.0.1", ""}, {"80/tcp", "::1", "8080"}}};

    EXPECT_EQ(create_container_body(config, k_old),
              R"({"ExposedPorts":{"80/tcp":{},"9000/tcp":{}},"HostConfig":{"PortBindings":{"80/tcp":[)"
              R"({"HostIp":"127.0.0.1","HostPort":""},{"HostIp":"::1","HostPort":"8080"}]},"Privileged":false,)"
              R"("ReadonlyRootfs":false},"Image":"x","Labels":{},"OpenStdin":false,"Tty":false})");
}

TEST(CreateContainerBody, NamesFurtherNetworksFrom144On) {
    const ContainerConfig config{.image = "x", .networks = {{"n1", {"db", "postgres"}}, {"n2", {}}}};

    EXPECT_EQ(
        create_container_body(config, k_old),
        R"({"HostConfig":{"NetworkMode":"n1","Privileged":false,"ReadonlyRootfs":false},"Image":"x","Labels":{},)"
        R"("NetworkingConfig":{"EndpointsConfig":{"n1":{"Aliases":["db","postgres"]}}},"OpenStdin":false,"Tty":false})");
    EXPECT_EQ(
        create_container_body(config, k_new),
        R"({"HostConfig":{"NetworkMode":"n1","Privileged":false,"ReadonlyRootfs":false},"Image":"x","Labels":{},)"
        R"("NetworkingConfig":{"EndpointsConfig":{"n1":{"Aliases":["db","postgres"]},"n2":{}}},"OpenStdin":false,)"
        R"("Tty":false})");
}

TEST(CreateContainerBody, SendsTheStartIntervalFrom144On) {
    const ContainerConfig config{.image = "x",
                                 .healthcheck = HealthcheckConfig{.test = {"CMD", "true"},
                                                                  .interval = 1s,
                                                                  .timeout = 10us,
                                                                  .start_period = 5s,
                                                                  .start_interval = 100ms,
                                                                  .retries = 3}};

    EXPECT_EQ(create_container_body(config, k_old),
              R"({"Healthcheck":{"Interval":1000000000,"Retries":3,"StartPeriod":5000000000,"Test":["CMD","true"],)"
              R"("Timeout":1000000},"HostConfig":{"Privileged":false,"ReadonlyRootfs":false},"Image":"x","Labels":{},)"
              R"("OpenStdin":false,"Tty":false})");
    EXPECT_EQ(create_container_body(config, k_new),
              R"({"Healthcheck":{"Interval":1000000000,"Retries":3,"StartInterval":100000000,"StartPeriod":5000000000,)"
              R"("Test":["CMD","true"],"Timeout":1000000},"HostConfig":{"Privileged":false,"ReadonlyRootfs":false},)"
              R"("Image":"x","Labels":{},"OpenStdin":false,"Tty":false})");
}

TEST(CreateContainerBody, CarriesEverythingElse) {
    const ContainerConfig config{.image = "x",
                                 .command = std::vector<std::string>{"run", "--now"},
                                 .entrypoint = std::vector<std::string>{},
                                 .environment = {"A=1"},
                                 .labels = {{"berth.run", "r"}},
                                 .working_dir = "/srv",
                                 .user = "70:70",
                                 .hostname = "db",
                                 .tty = true,
                                 .stdin_open = true,
                                 .init = true,
                                 .stop_signal = "SIGINT",
                                 .mounts = {{MountPoint::Type::volume, "data", "/data", true, {{"l", "v"}}},
                                            {MountPoint::Type::bind, "/host", "/mnt", false, {}}},
                                 .tmpfs = {{"/tmp", "size=1m"}},
                                 .network_mode = "none",
                                 .extra_hosts = {"a:1.2.3.4"},
                                 .restart_policy = "on-failure",
                                 .restart_retries = 2,
                                 .privileged = true,
                                 .read_only_root = true,
                                 .cap_add = {"NET_ADMIN"},
                                 .cap_drop = {"ALL"},
                                 .security_options = {"no-new-privileges"},
                                 .memory = 1 << 20,
                                 .nano_cpus = 500'000'000,
                                 .shm_size = 4096,
                                 .ulimits = {{"nofile", 10, 20}}};

    EXPECT_EQ(
        create_container_body(config, k_old),
        R"({"Cmd":["run","--now"],"Entrypoint":[""],"Env":["A=1"],"HostConfig":{"CapAdd":["NET_ADMIN"],)"
        R"("CapDrop":["ALL"],"ExtraHosts":["a:1.2.3.4"],"Init":true,"Memory":1048576,"Mounts":[)"
        R"({"ReadOnly":true,"Source":"data","Target":"/data","Type":"volume","VolumeOptions":{"Labels":{"l":"v"}}},)"
        R"({"ReadOnly":false,"Source":"/host","Target":"/mnt","Type":"bind"}],"NanoCpus":500000000,)"
        R"("NetworkMode":"none","Privileged":true,"ReadonlyRootfs":true,"RestartPolicy":{"MaximumRetryCount":2,)"
        R"("Name":"on-failure"},"SecurityOpt":["no-new-privileges"],"ShmSize":4096,"Tmpfs":{"/tmp":"size=1m"},)"
        R"("Ulimits":[{"Hard":20,"Name":"nofile","Soft":10}]},"Hostname":"db","Image":"x",)"
        R"("Labels":{"berth.run":"r"},"OpenStdin":true,"StopSignal":"SIGINT","Tty":true,"User":"70:70",)"
        R"("WorkingDir":"/srv"})");
}

TEST(OtherBodies, AreWhatTheEngineReads) {
    EXPECT_EQ(create_exec_body({.command = {"cat"}, .user = "7", .input = "x"}),
              R"({"AttachStderr":true,"AttachStdin":true,"AttachStdout":true,"Cmd":["cat"],"Tty":false,"User":"7"})");
    EXPECT_EQ(start_exec_body(true), R"({"Detach":false,"Tty":true})");
    EXPECT_EQ(create_network_body("n", {.internal = true, .labels = {{"a", "b"}}}),
              R"({"CheckDuplicate":true,"Driver":"bridge","Internal":true,"Labels":{"a":"b"},"Name":"n"})");
    EXPECT_EQ(connect_body("c", {"db"}), R"({"Container":"c","EndpointConfig":{"Aliases":["db"]}})");
    EXPECT_EQ(disconnect_body("c", true), R"({"Container":"c","Force":true})");
    EXPECT_EQ(create_volume_body("v", "local", {}), R"({"Driver":"local","Labels":{},"Name":"v"})");
    EXPECT_EQ(filters({{"label", {"a=b", "c"}}, {"name", {}}}), R"({"label":["a=b","c"]})");
    EXPECT_EQ(filters({{"label", {}}}), "");
}

TEST(OtherBodies, RefuseTextThatIsNotUtf8) {
    EXPECT_EQ(support::text_of_error([] { create_volume_body("\xff", "local", {}); }),
              "error[BR0111]: a text for the engine is not UTF-8\n"
              "  hint: look for bytes that are not UTF-8 in commands, variables, labels and names");
}

}  // namespace
}  // namespace berth::engine
