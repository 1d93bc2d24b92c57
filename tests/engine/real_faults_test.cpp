// SPDX-License-Identifier: Apache-2.0
// A real engine behind a proxy that loses answers: the engine has done its work, and we have to find out.
#include <berth/http/client.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/recording_proxy.hpp>

#include <optional>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::Fault;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RealFaults : public support::RealEngine {
  protected:
    /// The path of the engine's socket.
    [[nodiscard]] std::string socket() const { return endpoint().substr(std::string("unix://").size()); }

    support::RecordingProxy proxy_{socket()};
    Engine behind_ = Engine::connect(proxy_.endpoint().text());
};

TEST_F(RealFaults, ALostCreateIsFoundByName) {
    proxy_.inject({.kind = Fault::Kind::drop_answer, .method = "POST", .target = "/containers/create"});

    const Created made = behind_.containers().create(name("lost"), shell("true"));

    EXPECT_THAT(inspected(made.id), HasSubstr("\"Name\":\"/" + name("lost") + "\""));
    EXPECT_EQ(second_.containers(label()), 1U);
}

TEST_F(RealFaults, ALateCreateIsFoundByName) {
    Fault late{.kind = Fault::Kind::hold_answer, .method = "POST", .target = "/containers/create"};
    proxy_.inject(late);

    const Created made = behind_.containers().create(name("late"), shell("true"), within(500ms));

    EXPECT_TRUE(there("/containers/" + made.id.text + "/json"));
    late.release.open();
}

TEST_F(RealFaults, ACreateThatNeverReachedTheEngineIsAnError) {
    proxy_.inject({.kind = Fault::Kind::cut_request, .method = "POST", .target = "/containers/create", .bytes = 100});

    EXPECT_THROW(behind_.containers().create(name("never"), shell("true")), http::BrokenExchange);

    EXPECT_EQ(second_.containers(label()), 0U);
}

TEST_F(RealFaults, ALostStartStarted) {
    const ContainerId id = containers_.create(name("x"), shell("sleep 60")).id;
    proxy_.inject({.kind = Fault::Kind::drop_answer, .method = "POST", .target = "/start"});

    EXPECT_EQ(behind_.containers().start(id), Started::now);

    EXPECT_THAT(inspected(id), HasSubstr("\"Running\":true"));
}

TEST_F(RealFaults, ALostRemovalRemoved) {
    const ContainerId id = idle();
    proxy_.inject({.kind = Fault::Kind::drop_answer, .method = "DELETE"});

    EXPECT_EQ(behind_.containers().remove(id), Removed::now);

    EXPECT_FALSE(there("/containers/" + id.text + "/json"));
}

TEST_F(RealFaults, ALostNetworkIsFoundByName) {
    proxy_.inject({.kind = Fault::Kind::drop_answer, .method = "POST", .target = "/networks/create"});

    const std::string id = behind_.networks().create(name("n"), {.labels = labels()});

    EXPECT_THAT(second_.get("/networks/" + id), HasSubstr(name("n")));
    EXPECT_EQ(second_.networks(label()), 1U);
}

TEST_F(RealFaults, AnAnswerCutAtAnyByteIsAnErrorOrWhole) {
    const ContainerId id = containers_.create(name("x"), shell("true")).id;
    for (std::size_t bytes = 1; bytes < 4000; bytes += 173) {
        proxy_.inject({.kind = Fault::Kind::cut_answer, .method = "GET", .target = "/json", .bytes = bytes});
        try {
            EXPECT_EQ(behind_.containers().inspect(id, within(support::k_patience)).id, id) << bytes;
        } catch (const ExchangeFailed& error) {
            EXPECT_THAT(error.what(), HasSubstr("cannot inspect container '" + id.text.substr(0, 12) + "'")) << bytes;
        }
    }
}

TEST_F(RealFaults, OneContainerCostsFourCalls) {
    proxy_.forget();
    const std::string version = "/v" + behind_.facts().api.text();

    const ContainerId id = behind_.containers().create(name("x"), shell("sleep 60")).id;
    behind_.containers().start(id);
    behind_.containers().inspect(id);
    behind_.containers().remove(id);

    EXPECT_THAT(proxy_.lines(), ElementsAre("POST " + version + "/containers/create?name=" + name("x"),
                                            "POST " + version + "/containers/" + id.text + "/start",
                                            "GET " + version + "/containers/" + id.text + "/json",
                                            "DELETE " + version + "/containers/" + id.text + "?force=1&v=1"));
}

}  // namespace
}  // namespace berth
