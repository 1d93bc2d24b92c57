// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/redaction.hpp>
#include <berth/engine/internal/credentials.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <fstream>
#include <iterator>
#include <map>

namespace berth {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* k_canary = "canary-of-the-mine-0815";

std::string password_json(const std::string& server, const std::string& user, const std::string& password) {
    return R"({"password":")" + password + R"(","serveraddress":")" + server + R"(","username":")" + user + R"("})";
}

class Credentials : public ::testing::Test {
  protected:
    [[nodiscard]] RegistryCredentials find(const std::string& registry,
                                           std::chrono::nanoseconds patience = support::k_patience) const {
        const auto variable = [this](const std::string& name) {
            const auto found = variables_.find(name);
            return found == variables_.end() ? std::string{} : found->second;
        };
        return engine::find_credentials(registry, variable, within(support::k_patience), patience);
    }
    [[nodiscard]] std::string text_of_error(const std::string& registry,
                                            std::chrono::nanoseconds patience = support::k_patience) const {
        try {
            (void)find(registry, patience);
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), Not(HasSubstr(k_canary)));
            return error.what();
        }
        return "no error";
    }
    void config(const std::string& text) const { folder_.write("docker/config.json", text); }
    /// A program `docker-credential-NAME` that notes its argument and its input.
    void helper(const std::string& name, const std::string& script) const {
        const std::string path =
            folder_.write("bin/docker-credential-" + name, "#!/bin/sh\nread -r asked\necho \"$1 $asked\" >>" +
                                                               folder_.file("asked") + "\n" + script + "\n");
        ::chmod(path.c_str(), 0755);
    }
    [[nodiscard]] std::string asked() const {
        std::ifstream file(folder_.file("asked"));
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] std::string path() const { return folder_.file("docker/config.json"); }

    support::TempDir folder_;
    std::map<std::string, std::string> variables_{{"DOCKER_CONFIG", folder_.file("docker")},
                                                  {"PATH", folder_.file("bin") + ":/nowhere"}};
};

TEST_F(Credentials, AreNobodysWithoutAFile) {
    EXPECT_TRUE(find("r.lan").anonymous());
    EXPECT_EQ(find("r.lan").header(), "e30=");
    variables_.clear();
    EXPECT_TRUE(find("r.lan").anonymous());
}

TEST_F(Credentials, AreReadFromTheConfiguration) {
    config(
        R"({"auths":{"r.lan:5000":{"auth":")" + base64(std::string("me:") + k_canary) +
        R"("},"https://t.lan/v2/":{"identitytoken":"identity-1"},"b.lan":{"registrytoken":"bearer-1"},"e.lan":{}}})");

    EXPECT_EQ(find("r.lan:5000").json(), password_json("r.lan:5000", "me", k_canary));
    EXPECT_EQ(find("t.lan").json(), R"({"identitytoken":"identity-1","serveraddress":"t.lan"})");
    EXPECT_EQ(find("b.lan").json(), R"({"registrytoken":"bearer-1","serveraddress":"b.lan"})");
    EXPECT_TRUE(find("e.lan").anonymous());
    EXPECT_TRUE(find("r.lan").anonymous());  // another port is another registry
    EXPECT_EQ(redact(std::string("x ") + k_canary + " y"), "x *** y");
    EXPECT_EQ(redact(find("r.lan:5000").header()), "***");
}

TEST_F(Credentials, OfDockerHubStandUnderAnyOfItsNames) {
    for (const char* key : {"https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"}) {
        config(std::string(R"({"auths":{")") + key + R"(":{"username":"me","password":"secret-1"}}})");

        EXPECT_EQ(find("docker.io").json(), password_json("https://index.docker.io/v1/", "me", "secret-1")) << key;
    }
}

TEST_F(Credentials, OfTheVariableComeFirst) {
    config(
        R"({"auths":{"r.lan":{"username":"file","password":"secret-1"},"s.lan":{"username":"file","password":"p"}}})");
    variables_["DOCKER_AUTH_CONFIG"] = R"({"auths":{"r.lan":{"username":"variable","password":"secret-2"}}})";

    EXPECT_EQ(find("r.lan").json(), password_json("r.lan", "variable", "secret-2"));
    EXPECT_EQ(find("s.lan").json(), password_json("s.lan", "file", "p"));
}

TEST_F(Credentials, AreAskedOfTheHelperOfTheirRegistry) {
    config(R"({"credsStore":"store","credHelpers":{"r.lan":"special"},"auths":{"s.lan":{}}})");
    helper("special", R"(echo '{"ServerURL":"r.lan","Username":"special","Secret":"secret-1"}')");
    helper("store", R"(echo '{"ServerURL":"x","Username":"<token>","Secret":"identity-1"}')");

    EXPECT_EQ(find("r.lan").json(), password_json("r.lan", "special", "secret-1"));
    EXPECT_EQ(find("docker.io").json(),
              R"({"identitytoken":"identity-1","serveraddress":"https://index.docker.io/v1/"})");
    EXPECT_EQ(asked(), "get r.lan\nget https://index.docker.io/v1/\n");
}

TEST_F(Credentials, AreReadFromTheFileWhenTheHelperKnowsNone) {
    config(R"({"credsStore":"store","auths":{"r.lan":{"username":"me","password":"secret-1"}}})");
    helper("store", "echo 'credentials not found in native keychain'; exit 1");

    EXPECT_EQ(find("r.lan").json(), password_json("r.lan", "me", "secret-1"));
    EXPECT_TRUE(find("s.lan").anonymous());
}

TEST_F(Credentials, OfAHelperThatIsNotThereSaySo) {
    config(R"({"credsStore":"absent"})");

    EXPECT_EQ(text_of_error("r.lan"),
              "error[BR0210]: credential helper 'docker-credential-absent' is not in PATH\n"
              "  named by: 'credsStore' in '" +
                  path() +
                  "'\n"
                  "  hint: install it, or take it out of 'credsStore' in '" +
                  path() + "'");
}

TEST_F(Credentials, OfAHelperThatFailsNeverShowWhatItPrints) {
    config(R"({"credHelpers":{"r.lan":"special"}})");
    helper("special", std::string("echo ") + k_canary + "; echo " + k_canary + " >&2; exit 3");

    EXPECT_EQ(text_of_error("r.lan"),
              "error[BR0210]: credential helper 'docker-credential-special' failed: exit 3\n"
              "  named by: 'credHelpers' in '" +
                  path() +
                  "'\n"
                  "  hint: see what it says: echo r.lan | docker-credential-special get");
}

TEST_F(Credentials, OfAHelperThatTalksNonsenseNeverShowWhatItPrints) {
    config(R"({"credHelpers":{"r.lan":"special"}})");
    for (const std::string& said :
         {std::string(k_canary), R"({"Username": ["me"], "Secret": ")" + std::string(k_canary) + R"("})",
          R"(["Secret", ")" + std::string(k_canary) + R"("])"}) {
        helper("special", "echo '" + said + "'");

        EXPECT_EQ(text_of_error("r.lan"),
                  "error[BR0210]: credential helper 'docker-credential-special' did not answer with JSON that has "
                  "'Username' and 'Secret'\n"
                  "  named by: 'credHelpers' in '" +
                      path() +
                      "'\n"
                      "  hint: see what it says: echo r.lan | docker-credential-special get");
    }
}

TEST_F(Credentials, OfAHelperThatHangsAreGivenUp) {
    config(R"({"credsStore":"slow"})");
    // A grandchild that keeps its output open does not hold us up either.
    helper("slow", "sleep 60 & sleep 60");
    const auto begin = std::chrono::steady_clock::now();

    EXPECT_EQ(text_of_error("r.lan", 200ms),
              "error[BR0210]: credential helper 'docker-credential-slow' did not answer within 200ms\n"
              "  named by: 'credsStore' in '" +
                  path() +
                  "'\n"
                  "  hint: see what it says: echo r.lan | docker-credential-slow get");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    EXPECT_EQ(engine::k_helper_patience, 10s);
}

TEST_F(Credentials, AreNotAskedOfAHelperWithAStrangeName) {
    for (const char* name : {"../../bin/sh", "a b", "x;y", "$(z)"}) {
        config(std::string(R"({"credsStore":")") + name + R"("})");

        EXPECT_EQ(text_of_error("r.lan"), std::string("error[BR0210]: credential helper 'docker-credential-") + name +
                                              "' has a name that no helper has\n"
                                              "  named by: 'credsStore' in '" +
                                              path() +
                                              "'\n"
                                              "  hint: only letters, digits, '.', '_' and '-' may stand in it");
    }
}

TEST_F(Credentials, ThatMakeNoSenseAreNamedAndNotShown) {
    const auto expect = [&](const std::string& text, const std::string& why) {
        config(text);
        EXPECT_EQ(text_of_error("r.lan"), "error[BR0211]: '" + path() + "' makes no sense: " + why +
                                              "\n  hint: correct it, or make it anew with 'docker login'");
    };
    const std::string canary = k_canary;

    expect(R"({"auths":{"r.lan":{"auth":")" + canary + "\"", "no JSON from byte 52 on");
    expect(R"({"auths":")" + canary + R"("})", "'auths' is a JSON string, not an object");
    expect(R"({"auths":{"r.lan":{"auth":7}}})", "'auths.r.lan.auth' is a JSON number, not a string");
    expect(R"({"auths":{"r.lan":{"auth":")" + base64(canary) + R"("}}})",
           "the 'auth' of 'r.lan' is not the base64 of 'user:password'");
    expect(R"({"auths":{"r.lan":{"auth":"!)" + canary + R"("}}})",
           "the 'auth' of 'r.lan' is not the base64 of 'user:password'");
    expect(R"({"credsStore":{}})", "'credsStore' is a JSON object, not a string");
    expect("", "no JSON from byte 1 on");

    variables_["DOCKER_AUTH_CONFIG"] = canary;
    EXPECT_EQ(text_of_error("r.lan"),
              "error[BR0211]: 'DOCKER_AUTH_CONFIG' makes no sense: no JSON from byte 1 on\n"
              "  hint: correct it, or make it anew with 'docker login'");
}

}  // namespace
}  // namespace berth
