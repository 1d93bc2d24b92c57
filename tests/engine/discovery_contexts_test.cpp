// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/engine/internal/discovery.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <map>

namespace berth::engine {
namespace {

using support::TempDir;
using support::text_of_error;

class Contexts : public ::testing::Test {
  protected:
    void SetUp() override { variables_["HOME"] = folder_.path().string(); }

    void context(const std::string& name, const std::string& meta) const {
        folder_.write(".docker/contexts/meta/" + sha256_hex(name) + "/meta.json", meta);
    }
    void context_at(const std::string& name, const std::string& host, const std::string& more = "") const {
        context(name, R"({"Name":")" + name + R"(","Metadata":{},"Endpoints":{"docker":{"Host":")" + host + R"(")" +
                          more + "}}}");
    }
    [[nodiscard]] std::vector<Candidate> found(const std::string& asked = "") {
        return candidates(asked, [&](const std::string& name) { return variables_[name]; });
    }
    [[nodiscard]] Candidate only(const std::string& asked = "") {
        const auto all = found(asked);
        EXPECT_EQ(all.size(), 1U);
        return all.at(0);
    }
    [[nodiscard]] std::string refusal(const std::string& asked = "") {
        return text_of_error([&] { (void)found(asked); });
    }

    TempDir folder_;
    std::map<std::string, std::string> variables_;
};

TEST_F(Contexts, AreFoundByTheirName) {
    context_at("staging", "tcp://10.0.0.7:2376");

    EXPECT_EQ(only("staging").endpoint, "tcp://10.0.0.7:2376");
    EXPECT_EQ(only("staging").source, "Docker context 'staging', asked for");
    EXPECT_EQ(only("staging").context, "staging");
    EXPECT_FALSE(only("staging").tls);
    variables_["BERTH_ENGINE"] = "staging";
    EXPECT_EQ(only().source, "Docker context 'staging', BERTH_ENGINE");
}

TEST_F(Contexts, ComeAfterDockerHostAndBeforeTheUsualPlaces) {
    context_at("one", "unix:///one.sock");
    context_at("two", "unix:///two.sock");
    folder_.write(".docker/config.json", R"({"auths":{},"currentContext":"two"})");

    EXPECT_EQ(only().endpoint, "unix:///two.sock");
    EXPECT_EQ(only().source,
              "Docker context 'two', the current one of " + folder_.path().string() + "/.docker/config.json");
    variables_["DOCKER_CONTEXT"] = "one";
    EXPECT_EQ(only().endpoint, "unix:///one.sock");
    EXPECT_EQ(only().source, "Docker context 'one', DOCKER_CONTEXT");
    variables_["DOCKER_HOST"] = "unix:///host.sock";
    EXPECT_EQ(only().endpoint, "unix:///host.sock");
    variables_["BERTH_ENGINE"] = "unix:///berth.sock";
    EXPECT_EQ(only().endpoint, "unix:///berth.sock");
}

TEST_F(Contexts, NamedDefaultAreTheUsualPlaces) {
    context_at("two", "unix:///two.sock");
    folder_.write(".docker/config.json", R"({"currentContext":"two"})");
    variables_["DOCKER_CONTEXT"] = "default";
    EXPECT_EQ(found().front().endpoint, "unix:///var/run/docker.sock");

    variables_.erase("DOCKER_CONTEXT");
    folder_.write(".docker/config.json", R"({"currentContext":"default"})");
    EXPECT_EQ(found().front().endpoint, "unix:///var/run/docker.sock");
    EXPECT_EQ(found("default").front().endpoint, "unix:///var/run/docker.sock");
}

TEST_F(Contexts, AreLookedForWhereDockerConfigSays) {
    TempDir elsewhere;
    elsewhere.write("contexts/meta/" + sha256_hex("x") + "/meta.json",
                    R"({"Endpoints":{"docker":{"Host":"unix:///x"}}})");
    variables_["DOCKER_CONFIG"] = elsewhere.path().string();

    EXPECT_EQ(only("x").endpoint, "unix:///x");
}

TEST_F(Contexts, BringTheirCertificates) {
    context_at("staging", "tcp://10.0.0.7:2376", R"(,"SkipTLSVerify":false)");
    const std::string store = ".docker/contexts/tls/" + sha256_hex("staging") + "/docker/";
    const std::string ca = folder_.write(store + "ca.pem", "x");
    const std::string cert = folder_.write(store + "cert.pem", "x");
    const std::string key = folder_.write(store + "key.pem", "x");

    EXPECT_EQ(only("staging").tls, (http::Tls{.authorities = ca, .certificate = cert, .key = key}));

    context_at("lax", "tcp://10.0.0.7:2376", R"(,"SkipTLSVerify":true)");
    EXPECT_EQ(only("lax").tls, (http::Tls{.verify = http::Tls::Verify::nobody}));
}

TEST_F(Contexts, ThatAreNotThereAreAnErrorWithTheNearest) {
    context_at("staging", "tcp://10.0.0.7:2376");
    folder_.write(".docker/contexts/meta/rubbish/meta.json", "{");
    const std::string looked = folder_.path().string() + "/.docker/contexts/meta";
    const std::string hint =
        "  hint: write unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST, docker, podman, embedded, or a name that "
        "'docker context ls' shows";

    EXPECT_EQ(refusal("stagin"),
              "error[BR0124]: there is no Docker context 'stagin'\n  from: asked for\n  looked in: " + looked +
                  "\n  hint: did you mean 'staging'?\n" + hint);
    variables_["DOCKER_CONTEXT"] = "elsewhere";
    EXPECT_EQ(refusal(),
              "error[BR0124]: there is no Docker context 'elsewhere'\n  from: DOCKER_CONTEXT\n  looked in: " + looked +
                  "\n" + hint);
    variables_.erase("HOME");
    EXPECT_EQ(refusal(), "error[BR0124]: there is no Docker context 'elsewhere'\n  from: DOCKER_CONTEXT\n" + hint);
}

TEST_F(Contexts, ThatCannotBeReadSayWhy) {
    const auto text = [&](const std::string& meta) {
        context("odd", meta);
        std::string all = refusal("odd");
        const std::string file = folder_.path().string();
        const auto at = all.find(file);
        return at == std::string::npos ? all : all.replace(at, file.size(), "HOME");
    };
    const auto expected = [](const std::string& why) {
        return "error[BR0125]: Docker context 'odd' cannot be used: " + why +
               "\n  from: asked for\n  file: HOME/.docker/contexts/meta/" + sha256_hex("odd") +
               "/meta.json\n  hint: look at it with 'docker context inspect odd', or make it anew";
    };

    EXPECT_EQ(text("{}"), expected("it has no endpoint for Docker"));
    EXPECT_EQ(text(R"({"Endpoints":{"docker":{"Host":5}}})"),
              expected("'Endpoints.docker.Host' is a JSON number, not a string"));
    EXPECT_EQ(text("{\"Endpoints\""), expected("no JSON from byte 13 on"));
}

TEST_F(Contexts, AreNotLookedForInABrokenConfiguration) {
    folder_.write(".docker/config.json", "{\"currentContext\"");

    EXPECT_EQ(found().front().endpoint, "unix:///var/run/docker.sock");
}

TEST_F(Contexts, AreNotNeededForTlsByVariables) {
    const std::string ca = folder_.write("certificates/ca.pem", "x");
    const std::string mine = folder_.write(".docker/ca.pem", "x");
    variables_["DOCKER_HOST"] = "tcp://10.0.0.7";
    EXPECT_FALSE(only().tls);

    variables_["DOCKER_TLS_VERIFY"] = "0";
    EXPECT_EQ(only().tls, (http::Tls{.authorities = mine})) << "any value turns it on";

    variables_["DOCKER_CERT_PATH"] = folder_.file("certificates");
    EXPECT_EQ(only().tls, (http::Tls{.authorities = ca}));

    variables_["DOCKER_TLS_VERIFY"] = "";
    EXPECT_FALSE(only().tls);
    variables_["DOCKER_TLS"] = "1";
    EXPECT_EQ(only().tls, (http::Tls{.authorities = ca, .verify = http::Tls::Verify::nobody}));
    variables_["BERTH_ENGINE"] = "tcp://10.0.0.8";
    EXPECT_TRUE(only().tls);
}

TEST_F(Contexts, SayWhetherInsecurityWasAllowed) {
    variables_["DOCKER_HOST"] = "tcp://10.0.0.7";
    EXPECT_FALSE(only().insecure);
    variables_["BERTH_INSECURE"] = "0";
    EXPECT_FALSE(only().insecure);
    variables_["BERTH_INSECURE"] = "1";
    EXPECT_TRUE(only().insecure);
}

TEST_F(Contexts, EndWithTheEmbeddedEngine) {
    EXPECT_EQ(found().back().endpoint, "embedded");
    EXPECT_EQ(found().back().program, "");
    const std::string podman = folder_.write("bin/podman", "#!/bin/sh\n");
    ASSERT_EQ(::chmod(podman.c_str(), S_IRUSR), 0);
    variables_["PATH"] = "/nowhere:" + folder_.file("bin");
    EXPECT_EQ(found().back().program, "") << "it is no program yet";
    ASSERT_EQ(::chmod(podman.c_str(), S_IRWXU), 0);

    EXPECT_EQ(found().back().program, podman);
    EXPECT_EQ(only("embedded").source, "asked for");
    variables_["DOCKER_HOST"] = "unix:///x";
    EXPECT_EQ(only().endpoint, "unix:///x") << "never in place of what was named";
}

}  // namespace
}  // namespace berth::engine
