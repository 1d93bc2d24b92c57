// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/build.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/temp_dir.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <fstream>
#include <iostream>

namespace berth {
namespace {

using support::in_any_words;
using support::RealEngine;
using support::TempDir;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

/// Each test builds with every builder that the engine has.
class RealBuild : public RealEngine, public ::testing::WithParamInterface<Builder> {
  protected:
    void SetUp() override { folder_.write("file", "content of " + session_); }
    void TearDown() override {
        RealEngine::TearDown();
        for (const auto& tag : tags_) {
            engine_.images().remove(tag);
        }
        // What builds that failed or were cancelled have left half-made, and whose name has moved on.
        static_cast<void>(engine_.images().prune({.labels = {label()}}));
        EXPECT_THAT(engine_.images().list({label()}), IsEmpty());
    }

    [[nodiscard]] bool podman() const { return engine_.facts().kind == EngineKind::podman; }

    /// FROM busybox, a label of this test's so that what is left over can be counted, and `steps`.
    [[nodiscard]] std::string dockerfile(const std::string& steps) const {
        return "FROM " + image() + "\nLABEL " + label() + "\n" + steps;
    }
    BuildOptions options() {
        BuildOptions result;
        tags_.push_back("berth.local/test-" + session_ + ":" + std::to_string(++number_));
        result.tags = {tags_.back()};
        result.builder = GetParam();
        result.on_event = [this](const BuildEvent& event) { events_.push_back(event); };
        return result;
    }
    BuiltImage build(const std::string& text, const BuildOptions& options, Deadline deadline = within(2min)) {
        return engine_.builds().build(BuildContext({.directory = folder_.path(), .dockerfile_inline = text}), options,
                                      deadline);
    }
    /// What a container of the image prints.
    std::string printed(const std::string& reference, const std::string& script) {
        ContainerConfig config = shell(script);
        config.image = reference;
        const ContainerId id = containers_.create(name("run" + std::to_string(++number_)), config).id;
        containers_.start(id);
        containers_.wait(id, within(1min));
        std::string text;  // Podman's logs come later than the end
        support::wait_until([&] {
            text = second_.get("/containers/" + id.text + "/logs?stdout=1");
            return !text.empty();
        });
        return text;
    }
    [[nodiscard]] std::vector<std::string> outputs() const {
        std::vector<std::string> result;
        for (const auto& event : events_) {
            if (event.kind == BuildEvent::Kind::output) {
                result.push_back(event.text);
            }
        }
        return result;
    }
    [[nodiscard]] std::size_t count(BuildEvent::Kind kind, const std::string& step) const {
        return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(), [&](const BuildEvent& event) {
            return event.kind == kind && event.step.name.find(step) != std::string::npos;
        }));
    }
    std::string failure(const std::string& text, const BuildOptions& options) {
        return in_any_words(support::error_text([&] { (void)build(text, options); }));
    }

    TempDir folder_;
    std::vector<std::string> tags_;
    std::vector<BuildEvent> events_;
};

INSTANTIATE_TEST_SUITE_P(Builders, RealBuild, ::testing::Values(Builder::classic, Builder::buildkit),
                         [](const auto& row) {
                             return std::string(row.param == Builder::classic ? "Classic" : "BuildKit");
                         });

TEST_P(RealBuild, MakesAnImageOfTheContext) {
    const BuildOptions with = options();

    const BuiltImage built = build(dockerfile("COPY file /file\nRUN echo hello; echo world >&2\n"), with);

    EXPECT_EQ(built.builder, podman() ? Builder::classic : GetParam());
    const auto facts = engine_.images().inspect(with.tags[0]);
    EXPECT_EQ(facts.id, built.id);
    EXPECT_THAT(second_.get("/images/" + with.tags[0] + "/json"), HasSubstr(built.id));
    EXPECT_THAT(outputs(), Contains("hello"));
    EXPECT_THAT(outputs(), Contains("world"));
    EXPECT_EQ(count(BuildEvent::Kind::started, "RUN echo hello"), 1U);
    EXPECT_EQ(count(BuildEvent::Kind::finished, "RUN echo hello"), 1U);
    EXPECT_THAT(printed(with.tags[0], "cat /file"), HasSubstr("content of " + session_));
}

TEST_P(RealBuild, TakesStepsFromItsCache) {
    const std::string text = dockerfile("RUN echo once " + session_ + "\n");
    (void)build(text, options());
    events_.clear();

    (void)build(text, options());

    EXPECT_EQ(count(BuildEvent::Kind::cached, "RUN echo once"), 1U);
    EXPECT_THAT(outputs(), Not(Contains("once " + session_)));
    events_.clear();
    BuildOptions anew = options();
    anew.no_cache = true;
    (void)build(text, anew);
    EXPECT_EQ(count(BuildEvent::Kind::cached, "RUN echo once"), 0U);
    EXPECT_THAT(outputs(), Contains("once " + session_));
}

TEST_P(RealBuild, GivesArgumentsAndLabels) {
    BuildOptions with = options();
    with.args = {{"GIVEN", "a b"}, {"EMPTY", ""}, {"NULL", std::nullopt}};
    with.labels = {{"berth.more", "x y"}};

    (void)build(dockerfile("ARG GIVEN=1\nARG EMPTY=2\nARG NULL=3\nRUN echo \"[$GIVEN][$EMPTY][$NULL]\" > /args\n"),
                with);

    EXPECT_THAT(printed(with.tags[0], "cat /args"), HasSubstr("[a b][][3]"));
    const auto labels = engine_.images().inspect(with.tags[0]).labels;
    EXPECT_EQ(labels.at("berth.more"), "x y");
    EXPECT_EQ(labels.at("berth.test"), session_);
}

TEST_P(RealBuild, BuildsTheStageThatIsTheTarget) {
    const std::string text =
        "ARG BASE\nFROM ${BASE} AS first\nRUN echo 1 > /which\nFROM first AS second\nRUN echo 2 > "
        "/which\nFROM scratch AS third\nCOPY --from=second /which /which\n";
    BuildOptions with = options();
    with.args = {{"BASE", image()}};
    with.target = "second";

    (void)build(text, with);
    EXPECT_THAT(printed(with.tags[0], "cat /which"), HasSubstr("2"));

    with.target = "first";
    (void)build(text, with);
    EXPECT_THAT(printed(with.tags[0], "cat /which"), HasSubstr("1"));
    with.target = "third";
    EXPECT_NO_THROW((void)build(text, with));
}

TEST_P(RealBuild, TellsTheOutputOfAStepThatFailed) {
    const std::string step = "RUN for i in $(seq 1 500); do echo line $i; done; printf 'the end'; exit 7";
    BuildOptions with = options();

    try {
        (void)build(dockerfile(step + "\n"), with);
        FAIL() << "it has to fail";
    } catch (const BuildFailed& failed) {
        EXPECT_EQ(failed.step(), step);
        std::string whole;
        for (int i = 1; i <= 500; ++i) {
            whole += "line " + std::to_string(i) + '\n';
        }
        EXPECT_EQ(failed.output(), whole + "the end");
        EXPECT_EQ(failed.log_tail().size(), 20U);
        EXPECT_EQ(failed.log_tail().back(), "the end");
        EXPECT_THAT(failed.summary(), ::testing::StartsWith("cannot build image '" + with.tags[0] + "': step "));
        EXPECT_THAT(failed.summary(), ::testing::EndsWith("exit 7: exit code 7"));
    }
    EXPECT_EQ(second_.containers(label()), 0U) << "intermediate containers";
    EXPECT_FALSE(engine_.images().find(with.tags[0]));
    tags_.clear();
}

TEST_P(RealBuild, TellsAMistakeInADockerfile) {
    const BuildOptions with = options();
    tags_.clear();
    const auto call = [&](const char* status) {
        return std::string("\n  call: POST /build answered HTTP ") + status + " at " + endpoint();
    };

    // What has a status of its own depends on the engine and on the builder.
    const std::string text = failure(dockerfile("RUNN x\n"), with);
    EXPECT_THAT(text,
                ::testing::AnyOf("error[BR0250]: cannot build image '" + with.tags[0] + "'\n  engine: *" + call("*") +
                                     "\n  hint: correct what the builder names in the inline Dockerfile",
                                 HasSubstr("step")))
        << text;
    EXPECT_THAT(text, ::testing::StartsWith("error[BR0250]: cannot build image '" + with.tags[0] + "'"));
    EXPECT_THAT(text, ::testing::EndsWith("\n  hint: correct what the builder names in the inline Dockerfile"));
}

TEST_P(RealBuild, TellsAFileThatIsNotInTheContext) {
    folder_.write(".dockerignore", "file\n");
    const BuildOptions with = options();
    tags_.clear();

    EXPECT_THAT(failure(dockerfile("COPY file /file\n"), with),
                ::testing::EndsWith(
                    "\n  hint: look whether the file is in the build context, and not left out by .dockerignore"));
}

TEST_P(RealBuild, RefusesATargetThatIsNoStage) {
    const BuildOptions plain = options();
    BuildOptions with = plain;
    with.target = "frist";
    tags_.clear();

    EXPECT_EQ(failure("FROM " + image() + " AS first\n", with),
              "error[BR0250]: cannot build image '" + with.tags[0] +
                  "': the inline Dockerfile has no stage 'frist'\n  hint: did you mean 'first'?");
}

TEST_P(RealBuild, TakesADockerfileFromTheFolderThoughItsRulesLeaveEverythingOut) {
    folder_.write(".dockerignore", "*\n!file\n");
    folder_.write("docker/Dockerfile", dockerfile("COPY . /all/\n"));
    folder_.write("other", "x");
    const BuildOptions with = options();

    (void)engine_.builds().build(BuildContext({.directory = folder_.path(), .dockerfile = "docker/Dockerfile"}), with);

    const std::string found = printed(with.tags[0], "cd /all; find . -type f | sort | tr '\\n' ' '");
    EXPECT_THAT(found, HasSubstr("./file "));
    EXPECT_THAT(found, Not(HasSubstr("other")));
    if (podman() || GetParam() == Builder::classic) {  // BuildKit without a session keeps the Dockerfile
        EXPECT_THAT(found, Not(HasSubstr("Dockerfile")));
    }
}

TEST_P(RealBuild, TakesTheRulesOfTheDockerfileInsteadOfTheFolders) {
    folder_.write(".dockerignore", "file\n");
    folder_.write("app.Dockerfile", dockerfile("COPY . /all/\n"));
    folder_.write("app.Dockerfile.dockerignore", "other\n");
    folder_.write("other", "x");
    const BuildOptions with = options();

    (void)engine_.builds().build(BuildContext({.directory = folder_.path(), .dockerfile = "app.Dockerfile"}), with);

    const std::string found = printed(with.tags[0], "cd /all; find . -type f | sort | tr '\\n' ' '");
    EXPECT_THAT(found, HasSubstr("./file "));
    EXPECT_THAT(found, Not(HasSubstr("./other")));
}

TEST_P(RealBuild, LeavesNothingWhenItIsCancelled) {
    std::stop_source stop;
    BuildOptions with = options();
    with.on_event = [&](const BuildEvent& event) {
        if (event.kind == BuildEvent::Kind::output && event.text == "sleeping") {
            stop.request_stop();
        }
    };
    const auto begin = std::chrono::steady_clock::now();

    EXPECT_THROW((void)build(dockerfile("RUN echo sleeping; exec sleep 600\n"), with, within(2min, stop.get_token())),
                 Cancelled);

    EXPECT_LT(std::chrono::steady_clock::now() - begin, 60s);
    EXPECT_TRUE(support::wait_until([&] { return second_.containers(label()) == 0; })) << "intermediate containers";
    EXPECT_FALSE(engine_.images().find(with.tags[0]));
    tags_.clear();
}

TEST_P(RealBuild, EndsAtItsDeadline) {
    const BuildOptions with = options();
    tags_.clear();

    EXPECT_THROW((void)build(dockerfile("RUN sleep 601\n"), with, within(3s)), TimedOut);

    EXPECT_TRUE(support::wait_until([&] { return second_.containers(label()) == 0; })) << "intermediate containers";
}

TEST_P(RealBuild, BuildsWithACacheMountWhereTheBuilderKnowsIt) {
    BuildOptions with = options();
    with.builder = Builder::automatic;
    const std::string text =
        dockerfile("RUN --mount=type=cache,target=/cache echo x > /cache/" + session_ + " && ls /cache\n");

    const BuiltImage built = build(text, with);

    EXPECT_EQ(built.builder, podman() ? Builder::classic : Builder::buildkit);
    EXPECT_THAT(outputs(), Contains(session_));
}

TEST_P(RealBuild, FailsWhenABaseImageCannotBePulled) {
    const BuildOptions with = options();
    tags_.clear();

    EXPECT_THROW((void)build("FROM 127.0.0.1:1/nowhere:1\n", with), PullFailed);
}

/// Bytes of memory that this process has had at most.
std::uint64_t peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) {
            return std::stoull(line.substr(6)) * 1024;
        }
    }
    return 0;
}

TEST_P(RealBuild, TakesLittleMemoryForALargeContext) {
    std::filesystem::resize_file(folder_.write("large", ""), 300U << 20U);  // a hole
    BuildOptions with = options();
    with.on_event = nullptr;
    const std::string text = dockerfile("COPY file /file\n");
    const pid_t child = ::fork();
    if (child == 0) {
        std::ofstream("/proc/self/clear_refs") << "5";  // forget the parent's peak
        try {
            Engine::connect().builds().build(BuildContext({.directory = folder_.path(), .dockerfile_inline = text}),
                                             with);
        } catch (const std::exception& failure) {
            std::cerr << failure.what() << '\n';
            ::_exit(1);
        }
        ::_exit(peak() > (24U << 20U) ? 2 : 0);
    }

    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "exit 1: the build failed; 2: it took more than 24 MiB";
}

TEST_P(RealBuild, LimitsTheNetworkOfItsSteps) {
    BuildOptions with = options();
    with.network = "none";

    (void)build(dockerfile("RUN cat /proc/net/dev > /net\n"), with);

    EXPECT_THAT(printed(with.tags[0], "cat /net"), Not(HasSubstr("eth0")));
}

TEST_P(RealBuild, AddsHosts) {
    BuildOptions with = options();
    with.extra_hosts = {"one.test:10.9.8.7", "two.test:10.9.8.6"};

    (void)build(dockerfile("RUN cp /etc/hosts /copy\n"), with);

    const std::string hosts = printed(with.tags[0], "cat /copy");
    EXPECT_THAT(hosts, HasSubstr("10.9.8.7"));
    EXPECT_THAT(hosts, HasSubstr("10.9.8.6"));
}

}  // namespace
}  // namespace berth
