// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/images.hpp>
#include <tests/contract/subject.hpp>
#include <tests/support/registry.hpp>
#include <tests/support/test_image.hpp>

#include <cstdlib>
#include <memory>

namespace berth::contract {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_idle = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

class RealSubject : public Subject {
  public:
    RealSubject() : image_(support::load_test_image(engine_, "busybox")) {}

    [[nodiscard]] std::string endpoint() const override { return engine_.facts().endpoint; }
    [[nodiscard]] Flavour flavour() const override {
        if (engine_.facts().kind == EngineKind::podman) {
            return Flavour::podman;
        }
        return engine_.facts().engine_api < ApiVersion{1, 42} ? Flavour::docker_20 : Flavour::docker;
    }

    [[nodiscard]] ContainerConfig that(Behaviour behaviour) override {
        const auto shell = [&](const std::string& script) {
            return ContainerConfig{.image = image_, .command = std::vector<std::string>{"sh", "-c", script}};
        };
        switch (behaviour) {
            case Behaviour::idles:
                break;
            case Behaviour::prints:
                return shell(std::string("echo to out; echo to err >&2; ") + k_idle);
            case Behaviour::ends:
                return shell("sleep 0.1; echo last words; sleep 0.1; exit 7");
            case Behaviour::is_stubborn:
                return shell("trap '' TERM; echo set; while :; do sleep 0.1; done");
            case Behaviour::is_missing: {
                ContainerConfig config = shell({});
                config.command = std::vector<std::string>{"no-such-program"};
                return config;
            }
            case Behaviour::is_healthy: {
                ContainerConfig config = shell(k_idle);
                config.healthcheck = HealthcheckConfig{};
                config.healthcheck->test = {"CMD", "true"};
                config.healthcheck->interval = 300ms;
                return config;
            }
            case Behaviour::fails:
                return shell("sleep 0.05; exit 3");
        }
        return shell("trap 'exit 0' TERM; echo set; while :; do sleep 0.1; done");
    }

    [[nodiscard]] std::string pullable() override {
        if (!registry_) {
            registry_ = std::make_unique<support::Registry>();
        }
        const char* const folder = std::getenv("BERTH_TEST_IMAGES");
        const std::string version = image_.substr(image_.rfind(':') + 1);
        return registry_->push(std::string(folder == nullptr ? "." : folder) + "/busybox-" + version + ".tar",
                               "team/pulled", std::to_string(++pulled_));
    }

  private:
    Engine engine_ = Engine::connect();
    std::string image_;
    std::unique_ptr<support::Registry> registry_{};
    int pulled_{0};
};

}  // namespace

Subject& subject() {
    static RealSubject the_subject;
    return the_subject;
}

}  // namespace berth::contract
