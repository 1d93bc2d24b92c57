// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <tests/runtime/plan_of.hpp>

#include <gtest/gtest.h>

namespace berth::testing_runtime {
namespace {

class References : public ::testing::Test {
  protected:
    References() {
        runtime::Live live;
        live.id.text = "0123456789ab";
        live.ports = {{"5432/tcp", {"127.0.0.1", 32771}}};
        live.ip = "172.18.0.2";
        of_.state(0).created(live.id);
        of_.state(0).came_alive(live);
    }

    [[nodiscard]] std::string host(const std::string& text, const std::string& self = {}) const {
        return resolve(Text(text), Side::host, of_.lookup(self));
    }
    [[nodiscard]] std::string network(const std::string& text, const std::string& self = {}) const {
        return resolve(Text(text), Side::network, of_.lookup(self));
    }

    static EnvironmentSpec spec() {
        auto web = service("web", "nginx:1")
                       .with_port(PortSpec(80).with_name(std::string("http")))
                       .with_port(PortSpec(81).with_published(PublishedPort(8081)));
        EnvironmentSpec spec =
            spec_of({service("db", "postgres:15").with_port(5432).with_environment("USER", "${vars.user}"), web,
                     service("job", "job:1").with_expose(9000)});
        spec.vars = KeyValues{{"user", Value("shop")}};
        spec.base.directory = "/project";
        return spec;
    }

    PlanOf of_{spec()};
};

TEST_F(References, DifferByTheSideThatTheyAreSeenFrom) {
    EXPECT_EQ(host("${db.host}"), "127.0.0.1");
    EXPECT_EQ(network("${db.host}"), "db");
    EXPECT_EQ(host("${db.port}"), "32771");
    EXPECT_EQ(network("${db.port}"), "5432");
    EXPECT_EQ(host("${db.address}"), "127.0.0.1:32771");
    EXPECT_EQ(network("${services.db.address}"), "db:5432");
    EXPECT_EQ(host("${db.url}"), "tcp://127.0.0.1:32771");
    EXPECT_EQ(host("${db.internal.url}"), "tcp://db:5432");
    EXPECT_EQ(network("${db.external.port.5432}"), "32771");
}

TEST_F(References, KnowPortsByNumberAndByName) {
    EXPECT_EQ(network("${web.port.http}"), "80");
    EXPECT_EQ(network("${web.address.81}"), "web:81");
    EXPECT_EQ(network("${job.port}"), "9000");
    EXPECT_EQ(host("${web.port.81}"), "8081");  // fixed: known before it runs
}

TEST_F(References, KnowWhatAContainerIs) {
    EXPECT_EQ(host("${db.name}"), of_.plan().services[0].container_name);
    EXPECT_EQ(host("${db.id}"), "0123456789ab");
    EXPECT_EQ(host("${db.image}"), "postgres:15");
    EXPECT_EQ(host("${db.ip}"), "172.18.0.2");
    EXPECT_EQ(host("${db.env.USER}"), "shop");
    EXPECT_EQ(host("${self.name}", "web"), of_.plan().services[1].container_name);
}

TEST_F(References, KnowTheRunItsProjectAndItsObjects) {
    const std::string random = of_.plan().run.random;

    EXPECT_EQ(host("${run.id}"), "shop-" + random);
    EXPECT_EQ(host("${run.dir}"), "/runs/one");
    EXPECT_EQ(host("${run.artifacts}"), "/runs/one/artifacts");
    EXPECT_EQ(host("${project.name} ${project.dir}"), "shop /project");
    EXPECT_EQ(host("${networks.default.name}"), "berth-" + random + "-default");
    EXPECT_EQ(host("${volumes.data.name}"), "berth-" + random + "-data");
    EXPECT_EQ(host("${vars.user}"), "shop");
}

TEST_F(References, OfWhatIsNotKnownTakeTheirDefault) {
    EXPECT_EQ(host("${job.exit_code:-none}"), "none");
    of_.state(2).ended(3);
    EXPECT_EQ(host("${job.exit_code:-none}"), "3");
    EXPECT_THROW((void)host("${job.ip}"), Error);
    EXPECT_THROW((void)host("${nobody.host}"), Error);
}

TEST_F(References, ToOneOfSeveralPortsMustSayWhich) {
    try {
        (void)network("${web.port}");
        FAIL() << "it was resolved";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "error[BE0412]: '${web.port}' is ambiguous, 'web' has ports 80, 81\n"
                     "  hint: write '${web.port.80}'");
    }
}

}  // namespace
}  // namespace berth::testing_runtime
