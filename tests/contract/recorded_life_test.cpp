// SPDX-License-Identifier: Apache-2.0
// One life on a real engine, recorded; the same on a fake engine of that version. What the fake answers is what the
// real one answered: the same statuses, fields of the head, and framing, and no member of JSON that the other has not.
#include <berth/fake/engine.hpp>
#include <tests/contract/place.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <vector>

namespace berth::contract {
namespace {

using nlohmann::json;
using support::RecordingProxy;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

using Exchanges = std::vector<RecordingProxy::Exchange>;

/// Ids and names are nobody's business here.
std::string bare(const std::string& text) {
    const std::regex names("berth-cut-[0-9a-f]{8}-[0-9]+");
    const std::regex ids("[0-9a-f]{64}");
    const std::regex times("since=[0-9.]+");
    return std::regex_replace(std::regex_replace(std::regex_replace(text, names, "NAME"), ids, "ID"), times,
                              "since=TIME");
}

std::vector<std::string> asked(const Exchanges& exchanges) {
    std::vector<std::string> all;
    for (const auto& each : exchanges) {
        all.push_back(bare(each.request.line()));
    }
    return all;
}

/// Status, framing and the names of all fields.
std::vector<std::string> heads(const Exchanges& exchanges) {
    std::vector<std::string> all;
    for (const auto& each : exchanges) {
        std::set<std::string> names;
        for (const auto& [name, value] : each.answer.headers) {
            // How a body is framed depends on its length.
            names.insert(name == "Transfer-Encoding" ? "Content-Length" : name);
        }
        std::string head = fmt::format("{}: {}", bare(each.request.line()), each.answer.status);
        for (const auto& name : names) {
            head += ' ' + name;
        }
        all.push_back(head + ", " + each.answer.header("Content-Type"));
    }
    return all;
}

std::vector<std::string> statuses(const Exchanges& exchanges) {
    std::vector<std::string> all;
    for (const auto& each : exchanges) {
        all.push_back(fmt::format("{}: {}", bare(each.request.line()), each.answer.status));
    }
    return all;
}

/// Members of `ours` that `theirs` has not, or has of another type.
void compare(const json& ours, const json& theirs, const std::string& path, std::vector<std::string>& differences) {
    if (ours.is_null() || theirs.is_null()) {
        return;  // each may have nothing to say
    }
    if (ours.type() != theirs.type() && !(ours.is_number() && theirs.is_number())) {
        differences.push_back(fmt::format("{} is a {}, not a {}", path, ours.type_name(), theirs.type_name()));
        return;
    }
    if (!ours.is_object()) {
        return;
    }
    for (const auto& [key, value] : ours.items()) {
        if (!theirs.contains(key)) {
            differences.push_back(path + '.' + key + " is not there");
        } else {
            compare(value, theirs[key], path + '.' + key, differences);
        }
    }
}

std::vector<std::string> more_in(const Exchanges& ours, const Exchanges& theirs) {
    std::vector<std::string> differences;
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
        const json our_body = json::parse(ours[i].answer.body, nullptr, false);
        const json their_body = json::parse(theirs[i].answer.body, nullptr, false);
        if (!our_body.is_discarded() && !their_body.is_discarded()) {
            compare(our_body, their_body, bare(ours[i].request.line()), differences);
        }
    }
    return differences;
}

class RecordedLife : public ::testing::Test {
  protected:
    RecordedLife() {
        Place place(direct_);
        const Lived lived = place.live({});
        EXPECT_TRUE(lived.whole) << lived.error << lived.wrong;
        real_ = place.proxy().exchanges();

        const EngineFacts& facts = direct_.facts();
        const bool is_podman = facts.kind == EngineKind::podman;
        fake::Engine engine({.api_version = facts.engine_api.text(),
                             .server = (is_podman ? "Libpod/" : "Docker/") + facts.version + " (linux)"});
        engine.image(place.config().image)
            .prints("to out")
            .prints("to err", {}, fake::Stream::err)
            .runs([](const fake::ExecRequest& request) {
                return fake::ExecResult{0, request.input, {}, {}};
            });
        RecordingProxy proxy(engine.endpoint().substr(std::string("unix://").size()));
        const Session session(Engine::connect(proxy.endpoint().text()), new_run_id("cut"), SessionOptions{});
        proxy.forget();
        ContainerConfig config = place.config();
        config.labels = session.labels();
        const Lived again = live(session, "berth-cut-00000000-1", config);
        EXPECT_TRUE(again.whole) << again.error << again.wrong;
        fake_ = proxy.exchanges();
    }

    [[nodiscard]] bool is_podman() const { return direct_.facts().kind == EngineKind::podman; }

    Engine direct_ = Engine::connect();
    Exchanges real_{};
    Exchanges fake_{};
};

TEST_F(RecordedLife, IsTheSameCallsOnTheFakeEngine) {
    EXPECT_THAT(asked(fake_), ElementsAreArray(asked(real_)));
}

TEST_F(RecordedLife, HasTheSameStatuses) {
    EXPECT_THAT(statuses(fake_), ElementsAreArray(statuses(real_)));
}

TEST_F(RecordedLife, HasTheSameHeads) {
    if (is_podman()) {  // which the fake does not claim to be: its answers lack fields that Docker has
        EXPECT_NE(heads(fake_), heads(real_));
        return;
    }
    auto expected = heads(real_);
    if (direct_.facts().engine_api < ApiVersion{1, 42}) {  // which does not say what a log is
        const auto log = std::find_if(expected.begin(), expected.end(),
                                      [](const std::string& head) { return head.find("/logs") != std::string::npos; });
        ASSERT_NE(log, expected.end());
        EXPECT_EQ(*log,
                  "GET /v1.41/containers/ID/logs?stdout=1&stderr=1&follow=1: 200 Api-Version Content-Length Date "
                  "Docker-Experimental Ostype Server, ");
        *log =
            "GET /v1.41/containers/ID/logs?stdout=1&stderr=1&follow=1: 200 Api-Version Content-Length Content-Type "
            "Date Docker-Experimental Ostype Server, application/vnd.docker.raw-stream";
    }
    EXPECT_THAT(heads(fake_), ElementsAreArray(expected));
}

TEST_F(RecordedLife, TellsNothingThatARealEngineDoesNot) {
    if (is_podman()) {  // whose default network has another name
        const std::string bridge = "GET /v1.41/containers/ID/json.NetworkSettings.Networks.bridge is not there";
        EXPECT_THAT(more_in(fake_, real_), ElementsAreArray({bridge, bridge}));
        return;
    }
    EXPECT_THAT(more_in(fake_, real_), IsEmpty());
}

}  // namespace
}  // namespace berth::contract
