// SPDX-License-Identifier: Apache-2.0
#include <berth/runtime/internal/address.hpp>
#include <tests/runtime/plan_of.hpp>

#include <gtest/gtest.h>

namespace berth::testing_runtime {
namespace {

using runtime::direct_address;
using runtime::Interface;

constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24U | b << 16U | c << 8U | d;
}

const std::string k_network_id = "0123456789abcdef";
const Interface k_bridge{"br-0123456789ab", ip(172, 18, 0, 1), ip(255, 255, 0, 0)};
const Interface k_docker0{"docker0", ip(172, 17, 0, 1), ip(255, 255, 0, 0)};

ContainerFacts on(const std::string& network, const std::string& address) {
    ContainerFacts facts;
    facts.networks[network] = {k_network_id, address, {}};
    return facts;
}

TEST(Address, IsTheContainersOwnWhereItsBridgeIsOurs) {
    const EngineFacts engine = PlanOf::local_docker();

    EXPECT_EQ(direct_address(engine, on("berth-x-default", "172.18.0.2"), {k_bridge}), "172.18.0.2");
    EXPECT_EQ(direct_address(engine, on("bridge", "172.17.0.2"), {k_docker0}), "172.17.0.2");
}

TEST(Address, IsNotTheContainersOwnWhereItsBridgeIsElsewhere) {
    EngineFacts engine = PlanOf::local_docker();
    const Interface wrong_subnet{"br-0123456789ab", ip(10, 0, 0, 1), ip(255, 0, 0, 0)};
    const Interface foreign{"br-fedcba987654", ip(172, 18, 0, 1), ip(255, 255, 0, 0)};

    EXPECT_FALSE(direct_address(engine, on("n", "172.18.0.2"), {}));
    EXPECT_FALSE(direct_address(engine, on("n", "172.18.0.2"), {wrong_subnet}));
    EXPECT_FALSE(direct_address(engine, on("n", "172.18.0.2"), {foreign})) << "another engine's network may look alike";
    EXPECT_FALSE(direct_address(engine, on("n", ""), {k_bridge})) << "it has ended";
    engine.local = false;
    EXPECT_FALSE(direct_address(engine, on("n", "172.18.0.2"), {k_bridge}));
}

TEST(Address, OfAPublishedPortIsLoopbackOnALocalEngine) {
    ContainerFacts facts;
    facts.ports = {{"80/tcp", {{"127.0.0.1", 32768}}},
                   {"81/tcp", {{"0.0.0.0", 32769}}},
                   {"82/tcp", {}},
                   {"83/tcp", {{"10.1.2.3", 32770}}}};

    const auto reached = runtime::reached_ports(PlanOf::local_docker(), facts);

    ASSERT_EQ(reached.size(), 3U);
    EXPECT_EQ(reached.at("80/tcp").host, "127.0.0.1");
    EXPECT_EQ(reached.at("80/tcp").port, 32768);
    EXPECT_EQ(reached.at("81/tcp").host, "127.0.0.1");
    EXPECT_EQ(reached.at("83/tcp").host, "10.1.2.3");
}

TEST(Address, OfAPublishedPortIsTheEnginesHostOnARemoteOne) {
    EngineFacts engine;
    engine.host = "build-7";
    engine.local = false;
    ContainerFacts facts;
    facts.ports = {{"80/tcp", {{"0.0.0.0", 32768}}}};

    EXPECT_EQ(runtime::reached_ports(engine, facts).at("80/tcp").host, "build-7");
}

TEST(Address, OfAProbeIsDirectFirstAndPublishedOtherwise) {
    runtime::Live live;
    live.ports = {{"80/tcp", {"127.0.0.1", 32768}}};

    const auto published = runtime::probe_target(live, 80);
    live.direct = "172.18.0.2";
    const auto direct = runtime::probe_target(live, 80);

    EXPECT_EQ(published->host, "127.0.0.1");
    EXPECT_EQ(published->port, 32768);
    EXPECT_TRUE(published->proxied);
    EXPECT_EQ(direct->host, "172.18.0.2");
    EXPECT_EQ(direct->port, 80);
    EXPECT_FALSE(direct->proxied);
    live.direct.reset();
    EXPECT_FALSE(runtime::probe_target(live, 81));
}

}  // namespace
}  // namespace berth::testing_runtime
