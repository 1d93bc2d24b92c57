// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/engine.hpp>
#include <tests/contract/subject.hpp>

namespace berth::contract {
namespace {

using namespace std::chrono_literals;

/// What the commands do that the contracts run.
fake::ExecResult run(const fake::ExecRequest& request) {
    if (request.command == std::vector<std::string>{"cat"}) {
        return {0, request.input, {}, {}};
    }
    if (request.command.front() == "sh") {
        return {3, "to out\n", "to err\n", {}};
    }
    if (request.command.front() == "env") {
        return {0, request.environment.front() + '\n', {}, {}};
    }
    return {127,
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"" +
                request.command.front() + "\": executable file not found in $PATH\r\n",
            {},
            {}};
}

class FakeSubject : public Subject {
  public:
    FakeSubject() {
        image(Behaviour::idles).prints("set").runs(run);
        image(Behaviour::prints).prints("to out").prints("to err", {}, fake::Stream::err).runs(run);
        image(Behaviour::ends).prints("last words", 100ms).exits(7, 200ms);
        image(Behaviour::is_stubborn).prints("set").ignores_stop();
        image(Behaviour::is_missing).has_no_such_command("no-such-program");
        image(Behaviour::is_healthy).becomes_healthy_after(100ms);
        image(Behaviour::fails).exits(3, 50ms);
    }

    [[nodiscard]] std::string endpoint() const override { return engine_.endpoint(); }
    [[nodiscard]] Flavour flavour() const override { return Flavour::docker; }
    [[nodiscard]] ContainerConfig that(Behaviour behaviour) override { return {.image = name(behaviour)}; }
    [[nodiscard]] std::string pullable() override {
        const std::string name = "registry.lan/team/pulled:" + std::to_string(++pulled_);
        engine_.image(name).is_in_registry();
        return name;
    }

  private:
    static std::string name(Behaviour behaviour) {
        return "berth.local/contract:" + std::to_string(static_cast<int>(behaviour));
    }
    fake::Image& image(Behaviour behaviour) { return engine_.image(name(behaviour)); }

    fake::Engine engine_{};
    int pulled_{0};
};

}  // namespace

Subject& subject() {
    static FakeSubject the_subject;
    return the_subject;
}

}  // namespace berth::contract
