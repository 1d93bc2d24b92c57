// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <tests/runtime/plan_of.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

namespace berth::testing_runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string error_of(const EnvironmentSpec& spec) {
    try {
        const PlanOf of(spec);
    } catch (const Error& error) {
        return std::regex_replace(error.what(), std::regex(R"(\S*plan_test\.cpp:\d+)"), "FILE:LINE");
    }
    return "no error";
}

TEST(Plan, NamesContainersBeforeAnythingRuns) {
    const PlanOf of(spec_of({service("db", "a:1"), service("web", "a:1")}));

    const std::string& random = of.plan().run.random;
    EXPECT_EQ(of.plan().run.project, "shop");
    EXPECT_EQ(of.plan().services[0].container_name, "berth-" + random + "-1-db");
    EXPECT_EQ(of.plan().services[1].container_name, "berth-" + random + "-2-web");
    EXPECT_THAT(of.plan().networks, ElementsAre("default"));
}

TEST(Plan, OfOneServiceThatNamesNoNetworkHasNone) {
    EXPECT_THAT(PlanOf(spec_of({service("db", "a:1")})).plan().networks, IsEmpty());
    EXPECT_THAT(PlanOf(spec_of({service("db", "a:1").with_network("default")})).plan().networks,
                ElementsAre("default"));
}

TEST(Plan, TakesOnlyWhatIsAskedForAndWhatThatNeeds) {
    UpOptions options;
    options.services = {"web"};
    const auto web = service("web", "a:1").with_depends_on("db");

    const PlanOf of(spec_of({service("db", "a:1"), service("other", "a:1"), web}), options);

    ASSERT_EQ(of.plan().services.size(), 2U);
    EXPECT_EQ(of.plan().services[0].name, "db");
    EXPECT_EQ(of.plan().services[1].name, "web");
}

TEST(Plan, ReplacesImagesTheCallersWishFirst) {
    ::setenv("BERTH_SUBSTITUTE", "redis=registry.lan/by-variable,postgres=berth.local/postgres:15.20", 1);
    UpOptions options;
    options.substitutions = {{"redis", "registry.lan/by-options"}};

    const PlanOf of(spec_of({service("a", "redis:7"), service("b", "postgres"), service("c", "nginx:1")}), options);
    ::unsetenv("BERTH_SUBSTITUTE");

    EXPECT_THAT(of.plan().services[0].image, HasSubstr("registry.lan/by-options"));
    EXPECT_THAT(of.plan().services[1].image, HasSubstr("berth.local/postgres:15.20"));
    EXPECT_EQ(of.plan().services[2].image, "nginx:1");
    EXPECT_EQ(of.plan().substituted.size(), 2U);
}

TEST(Plan, SaysWhatIsWrongWithTheVariableForSubstitutes) {
    ::setenv("BERTH_SUBSTITUTE", "redis", 1);

    const std::string text = error_of(spec_of({service("a", "redis:7")}));
    ::unsetenv("BERTH_SUBSTITUTE");

    EXPECT_EQ(text,
              "error[BR0205]: BERTH_SUBSTITUTE is 'redis', which is no list of FROM=TO\n"
              "  hint: write it as 'redis:7.4-alpine=berth.local/redis:7.0.15,docker.io/=registry.lan/'");
}

TEST(Plan, ReportsEveryMistakeOfTheSpec) {
    const std::string text = error_of(spec_of({service("a", "UPPER:1").with_depends_on("b"), service("c", "a:1")}));

    EXPECT_THAT(text, HasSubstr("error[BE0310]"));
    EXPECT_THAT(text, HasSubstr("error[BE0505]"));
    EXPECT_THAT(text, HasSubstr("2 errors"));
}

TEST(Plan, RefusesWhatIsNotBuiltYet) {
    WaitHttp secure;
    secure.scheme = WaitHttp::Scheme::https;
    PublishedPort reserved;
    reserved.how = PublishedPort::How::automatic;

    const std::string text = error_of(spec_of({service("a", "a:1")
                                                   .with_port(PortSpec(443).with_published(reserved))
                                                   .with_wait(wait::all({wait::http("/", secure)}))}));

    EXPECT_THAT(text, HasSubstr("error[BE0906]: 'wait.http.scheme: https' is understood and not built yet\n"));
    EXPECT_THAT(text, HasSubstr("error[BE0906]: 'published: auto' is understood and not built yet\n"));
}

TEST(Plan, TakesBindsOfTheProjectAndRefusesOthers) {
    const support::TempDir project;
    const support::TempDir elsewhere;
    project.write("data/seed.sql", "");
    std::filesystem::create_directory_symlink(elsewhere.path(), project.path() / "out");
    MountSpec bind;
    bind.type = MountSpec::Type::bind;
    bind.target = "/x";
    const auto spec_with = [&](const std::string& source) {
        bind.source = Text(source);
        EnvironmentSpec spec = spec_of({service("a", "a:1").with_volume(bind)});
        spec.base.directory = project.path().string();
        return spec;
    };

    EXPECT_EQ(error_of(spec_with("./data")), "no error");
    EXPECT_EQ(error_of(spec_with("./out")),
              "FILE:LINE: error[BR0601]: the bind of './out' in service 'a' is refused: it is outside the project ('" +
                  std::filesystem::canonical(project.path()).string() +
                  "')\n"
                  "  hint: put it below the project, or 'copy' it in");
}

TEST(Plan, KnowsOneShotServicesAndThoseThatComeBack) {
    RestartPolicy always;
    always.kind = RestartPolicy::Kind::always;
    const auto web = service("web", "a:1")
                         .with_restart(always)
                         .with_depends_on("job", {.condition = DependsCondition::service_completed});

    const PlanOf of(spec_of({service("job", "a:1"), web}));

    EXPECT_TRUE(of.plan().services[0].one_shot);
    EXPECT_FALSE(of.plan().services[0].restarts);
    EXPECT_FALSE(of.plan().services[1].one_shot);
    EXPECT_TRUE(of.plan().services[1].restarts);
}

}  // namespace
}  // namespace berth::testing_runtime
