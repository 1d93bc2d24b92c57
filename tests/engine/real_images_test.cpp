// SPDX-License-Identifier: Apache-2.0
// Images on a real engine, and what registries do to pulls.
#include <berth/archive/tar_writer.hpp>
#include <berth/core/log.hpp>
#include <tests/engine/limits.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/forwarder.hpp>
#include <tests/support/registry.hpp>
#include <tests/support/registry_stub.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/variables.hpp>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::can;
using support::error_text;
using support::Feature;
using support::in_any_words;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// Nobody has logged in anywhere. What a test pulls or names goes after it, and no log line ever holds the password.
class RealRegistry : public support::RealEngine {
  protected:
    void SetUp() override {
        log::set_level(log::Level::trace);
        log::set_sink([this](log::Level, std::string_view line) {
            const std::lock_guard lock(mutex_);
            logged_ += line;
            logged_ += '\n';
        });
    }
    void TearDown() override {
        for (const auto& name : names_) {
            engine_.images().remove(name);
        }
        log::set_sink({});
        log::set_level(log::Level::warn);
        EXPECT_THAT(logged_, Not(HasSubstr(support::Registry::k_password)));
        support::RealEngine::TearDown();
    }

    /// Removed after the test.
    const std::string& named(const std::string& reference) { return names_.emplace_back(reference); }
    void log_in(const std::string& registry, const std::string& password = support::Registry::k_password) const {
        folder_.write("docker/config.json",
                      R"({"auths":{")" + registry + R"(":{"username":"someone","password":")" + password + R"("}}})");
    }
    [[nodiscard]] std::string pull_error(const std::string& reference, const PullOptions& options = {}) {
        std::string text = in_any_words(
            error_text<PullFailed>([&] { engine_.images().pull(reference, options, within(support::k_patience)); }));
        EXPECT_FALSE(there("/images/" + reference + "/json"));
        return text;
    }
    /// The whole of it, but for the engine's words and status.
    [[nodiscard]] std::string expected(const std::string& reference, const std::string& why,
                                       const std::string& hint) const {
        return "error[BR0201]: cannot pull image '" + reference + "': " + why +
               "\n  engine: *\n  call: POST /images/create answered HTTP * at " + endpoint() + "\n  hint: " + hint;
    }
    [[nodiscard]] bool is(EngineKind kind) const { return engine_.facts().kind == kind; }

    support::TempDir folder_;
    support::Variables variables_{{{"DOCKER_CONFIG", folder_.file("docker")}, {"DOCKER_AUTH_CONFIG", ""}}};
    std::vector<std::string> names_;
    std::mutex mutex_;
    std::string logged_;
};

// --- images --------------------------------------------------------------------------------------------------------

TEST_F(RealRegistry, ImagesAreSavedAndLoadedAgain) {
    const std::string name = named("berth.local/saved-" + session_ + ":1");
    engine_.images().tag(image(), name);
    const std::string id = engine_.images().inspect(name).id;
    const std::string file = folder_.file("saved.tar");
    std::ofstream out(file, std::ios::binary);

    engine_.images().save(
        {name}, [&](std::string_view piece) { out.write(piece.data(), static_cast<std::streamsize>(piece.size())); });
    out.close();
    engine_.images().remove(name);
    ASSERT_FALSE(there("/images/" + name + "/json"));

    EXPECT_THAT(engine_.images().load(support::file_source(file)), Contains(HasSubstr(name)));
    EXPECT_TRUE(there("/images/" + name + "/json"));
    if (engine_.facts().kind == EngineKind::docker) {
        EXPECT_EQ(engine_.images().inspect(name).id, id);
    }
    EXPECT_THROW(engine_.images().save({"berth.local/none-" + session_ + ":1"}, [](std::string_view) {}),
                 EngineRefused);
}

TEST_F(RealRegistry, ImagesAreImported) {
    const std::string name = named("berth.local/imported-" + session_ + ":1");
    archive::TarSource tar;
    tar.add_content("hello", "hello\n");

    const std::string id = engine_.images().import(archive::pieces(std::move(tar)),
                                                   {.name = name, .changes = {"CMD [\"/hello\"]", "ENV A=1"}});

    const ImageFacts facts = engine_.images().inspect(name);
    EXPECT_THAT(facts.id, HasSubstr(id.substr(id.find(':') + 1, 12)));
    EXPECT_THAT(facts.command, ElementsAre("/hello"));
    EXPECT_THAT(facts.environment, Contains("A=1"));
    EXPECT_EQ(facts.layers.size(), 1U);
    archive::TarSource again;
    again.add_content("hello", "hello\n");
    EXPECT_THAT(error_text<Error>(
                    [&] { engine_.images().import(archive::pieces(std::move(again)), {.changes = {"JUMP high"}}); }),
                HasSubstr("error[BR0208]: cannot import an image\n  engine: "));
}

TEST_F(RealRegistry, ImagesHaveAHistory) {
    const auto steps = engine_.images().history(image());

    ASSERT_FALSE(steps.empty());
    EXPECT_GT(steps.back().size + steps.front().size, 0U);
    EXPECT_THROW(engine_.images().history("berth.local/none-" + session_ + ":1"), NotFound);
}

TEST_F(RealRegistry, ImagesAreListedByFilters) {
    const std::string name = named("berth.local/listed-" + session_ + ":1");
    engine_.images().tag(image(), name);

    const auto found = engine_.images().list(ImageFilters{.references = {"berth.local/listed-" + session_ + ":*"}});

    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0].tags, Contains(HasSubstr(name)));
    EXPECT_EQ(found[0].id.find(engine_.images().inspect(name).id.substr(0, 12)) != std::string::npos ||
                  engine_.images().inspect(name).id == found[0].id,
              true);
}

TEST_F(RealRegistry, ImagesArePrunedByLabel) {
    const std::string name = named("berth.local/pruned-" + session_ + ":1");
    archive::TarSource tar;
    tar.add_content("prune", session_);
    engine_.images().import(archive::pieces(std::move(tar)),
                            {.name = name, .changes = {"LABEL berth.test=" + session_}});

    EXPECT_TRUE(engine_.images().prune({.labels = {label()}}).removed.empty());  // it has a name
    EXPECT_TRUE(there("/images/" + name + "/json"));
    if (!can(engine_.facts(), Feature::prune_named_images)) {
        EXPECT_THROW(engine_.images().prune({.labels = {label()}, .unused = true}), EngineRefused);
        return;
    }
    const Pruned pruned = engine_.images().prune({.labels = {label()}, .unused = true});

    EXPECT_FALSE(pruned.removed.empty());
    EXPECT_FALSE(there("/images/" + name + "/json"));
}

TEST_F(RealRegistry, ImagesOfAnotherArchitectureAreNoticed) {
    const std::string name = named("berth.local/foreign-" + session_ + ":1");
    archive::TarSource layer;
    layer.add_content("hello", "hello\n");
    std::string bytes;
    const auto pieces = archive::pieces(std::move(layer));
    for (auto piece = pieces(); !piece.empty(); piece = pieces()) {
        bytes += piece;
    }
    archive::TarSource tar;
    tar.add_content("layer.tar", bytes);
    tar.add_content(
        "config.json",
        R"({"architecture":"s390x","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:)" +
            sha256_hex(bytes) + R"("]}})");
    tar.add_content("manifest.json",
                    R"([{"Config":"config.json","RepoTags":[")" + name + R"("],"Layers":["layer.tar"]}])");
    engine_.images().load(archive::pieces(std::move(tar)));

    EXPECT_THAT(error_text<Error>([&] { engine_.images().get_or_pull(name, {.when = PullWhen::never}); }),
                HasSubstr("' is for linux/s390x, and the engine's machine is amd64, which emulates no such thing\n"));
}

// --- a registry ----------------------------------------------------------------------------------------------------

TEST_F(RealRegistry, TakesAPush) {
    const support::Registry registry;
    const std::string name = named(registry.address() + "/team/pushed:1");
    engine_.images().tag(image(), name);
    std::vector<PullProgress::Phase> phases;

    const PushedImage pushed =
        engine_.images().push(name, {.on_progress = [&](const PullProgress& step) { phases.push_back(step.phase); }});

    EXPECT_TRUE(registry.has("team/pushed", "1"));
    EXPECT_FALSE(registry.has("team/pushed", "latest"));
    if (can(engine_.facts(), Feature::push_digest)) {
        EXPECT_THAT(pushed.digest, HasSubstr("sha256:"));
    } else {
        EXPECT_EQ(pushed.digest, "");
    }
    EXPECT_FALSE(phases.empty());
    EXPECT_THROW(engine_.images().push(registry.address() + "/team/none:1"), NotFound);
}

TEST_F(RealRegistry, TellsWhatItHasWithoutAPull) {
    const support::RegistryStub registry;
    const std::string reference = registry.image("ok");
    const auto ask = [&] { return engine_.images().distribution(reference); };

    if (!can(engine_.facts(), Feature::distribution)) {
        EXPECT_EQ(in_any_words(error_text<EngineRefused>(ask)),
                  "error[BR0142]: cannot ask registry '" + registry.address() + "' for image '" + reference +
                      "': this engine cannot do that\n"
                      "  engine: *\n"
                      "  call: GET /distribution/" +
                      reference + "/json answered HTTP * at " + endpoint() +
                      "\n"
                      "  hint: use an engine that has this call; Podman's Docker API lacks some");
        return;
    }

    const DistributionFacts facts = ask();
    EXPECT_THAT(facts.digest, HasSubstr("sha256:"));
    EXPECT_THAT(facts.platforms, ElementsAre("linux/amd64"));
    EXPECT_GT(facts.size, 0U);
    EXPECT_FALSE(there("/images/" + reference + "/json"));
    EXPECT_THAT(error_text<PullFailed>([&] { engine_.images().distribution(registry.image("404")); }),
                HasSubstr("': registry '" + registry.address() + "' has no such image or tag\n"));
}

TEST_F(RealRegistry, IsSearched) {
    const support::RegistryStub registry;

    const auto found = engine_.images().search(registry.address() + "/app");

    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0].name, HasSubstr("ok/app"));
}

TEST_F(RealRegistry, WithAPasswordServesWhoHasLoggedIn) {
    const support::Registry registry({.login = true});
    const std::string reference =
        named(registry.push(support::test_image("busybox").archive, "team/private-" + session_, "1"));

    EXPECT_EQ(pull_error(reference), expected(reference, "registry '" + registry.address() + "' asks for a login",
                                              "log in: docker login " + registry.address()));
    log_in(registry.address(), "open-sesame-4711-and-more");
    EXPECT_EQ(pull_error(reference),
              expected(reference, "registry '" + registry.address() + "' does not take the login that is stored for it",
                       "log in again: docker login " + registry.address()));
    log_in(registry.address());
    EXPECT_EQ(engine_.images().pull(reference), Pulled::now);
    EXPECT_TRUE(there("/images/" + reference + "/json"));
    EXPECT_EQ(engine_.images().push(reference).tag, can(engine_.facts(), Feature::push_digest) ? "1" : "");
}

TEST_F(RealRegistry, WithoutACertificateThatTheEngineKnowsIsNotTrusted) {
    const std::string address = support::own_address();
    ASSERT_FALSE(address.empty());
    support::Certificates certificates;
    certificates.authority("authority");
    certificates.signed_by("authority", "registry", "IP:" + address);
    const support::Registry registry({.host = address,
                                      .certificate = certificates.file("registry.pem"),
                                      .key = certificates.file("registry.key"),
                                      .authority = certificates.file("authority.pem")});
    const std::string reference =
        named(registry.push(support::test_image("busybox").archive, "team/tls-" + session_, "1"));

    EXPECT_EQ(pull_error(reference),
              expected(reference, "the engine does not trust registry '" + registry.address() + "'",
                       "give its certificate to the engine, or name the registry in 'insecure-registries' of its "
                       "daemon.json"));

    const std::filesystem::path known = "/etc/docker/certs.d/" + registry.address();
    std::filesystem::create_directories(known);
    std::filesystem::copy_file(certificates.file("authority.pem"), known / "ca.crt");
    const Pulled pulled = engine_.images().pull(reference);
    std::filesystem::remove_all(known);
    EXPECT_EQ(pulled, Pulled::now);
}

// --- a registry that does wrong ------------------------------------------------------------------------------------

TEST_F(RealRegistry, TheStubServesAnImage) {
    const support::RegistryStub registry;

    EXPECT_EQ(engine_.images().pull(named(registry.image("ok"))), Pulled::now);

    EXPECT_TRUE(there("/images/" + registry.image("ok") + "/json"));
}

TEST_F(RealRegistry, SaysNoInWordsThatAreUnderstood) {
    const support::RegistryStub registry;
    const std::string name = "registry '" + registry.address() + "'";
    const auto error = [&](const std::string& mode) {
        return pull_error(registry.image(mode), {.attempts = 1, .rate_limit_pause = 1ms});
    };
    const auto expect = [&](const std::string& mode, const std::string& why, const std::string& hint) {
        EXPECT_EQ(error(mode), expected(registry.image(mode), why, hint)) << mode;
    };

    expect("401", name + " asks for a login", "log in: docker login " + registry.address());
    expect("403", name + " denies it: it does not exist there, or needs a login",
           "check its name, and log in if it is private: docker login " + registry.address());
    expect("404", name + " has no such image or tag", "check its name and tag for typing errors");
    expect("500", name + " does not answer", "look whether " + name + " is up and can be reached from the engine");
    expect("503", name + " does not answer", "look whether " + name + " is up and can be reached from the engine");
    expect("html", name + " does not answer", "look whether " + name + " is up and can be reached from the engine");
    expect("garbage", "what " + name + " sent is damaged or incomplete",
           "try again; if it stays so, whoever runs the registry has to push the image anew");
    expect("corrupt", "what " + name + " sent is damaged or incomplete",
           "try again; if it stays so, whoever runs the registry has to push the image anew");
}

TEST_F(RealRegistry, IsAskedAgainWhenItDoesNotAnswerProperly) {
    const support::RegistryStub registry;

    EXPECT_EQ(engine_.images().pull(named(registry.image("flaky")), {.attempts = 4, .pause = 10ms}), Pulled::now);
}

TEST_F(RealRegistry, ThatHasHadEnoughIsAskedOnceMoreAfterFiveSeconds) {
    const support::RegistryStub registry;
    const std::string reference = registry.image("429");
    const auto limited = "registry '" + registry.address() + "' limits how often images are pulled";
    if (!can(engine_.facts(), Feature::prompt_rate_limit)) {  // it asks again and again by itself
        EXPECT_THROW(engine_.images().pull(reference, {}, within(3s)), TimedOut);
        return;
    }

    EXPECT_EQ(
        pull_error(reference),
        expected(reference, limited, "wait a while, or log in for a higher limit: docker login " + registry.address()));

    if (is(EngineKind::docker)) {
        // One pull asks several times in a row, each engine in its way.
        const auto asked = registry.manifests_asked("429");
        std::vector<std::chrono::nanoseconds> pauses;
        for (std::size_t i = 1; i < asked.size(); ++i) {
            if (asked[i] - asked[i - 1] > 2s) {
                pauses.emplace_back(asked[i] - asked[i - 1]);
            }
        }
        EXPECT_THAT(pauses, ElementsAre(::testing::Ge(4900ms)));  // from the last question, not from its answer
    }
}

TEST_F(RealRegistry, ThatHasHadEnoughOnceServesTheSecondTime) {
    const support::RegistryStub registry;

    EXPECT_EQ(engine_.images().pull(named(registry.image("limited")), {.rate_limit_pause = 100ms}), Pulled::now);
}

TEST_F(RealRegistry, ThatGoesSilentIsGivenUp) {
    const support::RegistryStub registry;
    const std::string name = "registry '" + registry.address() + "'";
    for (const char* mode : {"hang", "stall"}) {
        const std::string reference = registry.image(mode);
        std::string text = error_text<PullFailed>([&] { engine_.images().pull(reference, {.stall = 2s}); });
        if (const auto at = text.find(" answered HTTP 200"); at != std::string::npos) {
            text.erase(at, std::string(" answered HTTP 200").size());
        }

        EXPECT_EQ(text, "error[BR0201]: cannot pull image '" + reference +
                            "': no progress for 2.0s\n"
                            "  call: POST /images/create at " +
                            endpoint() +
                            "\n"
                            "  hint: look whether " +
                            name + " is up, and how fast the engine's network is");
        EXPECT_FALSE(there("/images/" + reference + "/json"));
    }
    EXPECT_EQ(engine_.images().pull(named(registry.image("ok"))), Pulled::now);  // the next one works
}

TEST_F(RealRegistry, ThatSendsHalfALayerIsNotBelieved) {
    const support::RegistryStub registry;
    const std::string reference = registry.image("short");

    // The engine tries again by itself, for a minute and more: what counts is that it is no success.
    std::vector<PullProgress::Phase> phases;
    PullOptions options;
    options.on_progress = [&](const PullProgress& step) { phases.push_back(step.phase); };
    const std::string text = error_text<Error>([&] { engine_.images().pull(reference, options, within(15s)); });

    EXPECT_THAT(text, HasSubstr("cannot pull image '" + reference + "': "));
    EXPECT_FALSE(there("/images/" + reference + "/json"));
    EXPECT_FALSE(phases.empty());
}

TEST_F(RealRegistry, ServesManyThreadsOnce) {
    const support::RegistryStub registry;
    const std::string reference = named(registry.image("ok"));
    std::atomic<int> now{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { now += engine_.images().pull(reference) == Pulled::now ? 1 : 0; });
    }
    threads.clear();

    EXPECT_GE(now, 1);
    EXPECT_TRUE(there("/images/" + reference + "/json"));
}

}  // namespace
}  // namespace berth
