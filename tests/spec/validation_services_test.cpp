// SPDX-License-Identifier: Apache-2.0
#include "findings.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(Validation, HasNothingToSayAboutAGoodSpec) {
    EXPECT_EQ(findings(environment_of({fine("db", 5432), fine("app").with_depends_on("db")})), "");
}

TEST(Validation, ShowsTheCallersLineOfASpecInCxx) {
    const int line = __LINE__ + 1;
    const auto spec = environment_of({fine("database", 5432), fine("app").with_depends_on("databse")});
    const int helper = spec.services[0].name.origin().line;
    const std::string folder = std::string(__FILE__).substr(0, std::string(__FILE__).rfind('/'));

    EXPECT_EQ(render_short(validate(spec)),
              std::string(__FILE__) + ":" + std::to_string(line) +
                  ": error[BE0505]: 'databse' is not a service; did you mean 'database'?\n");
    ASSERT_EQ(validate(spec).at(0).labels.size(), 1U);
    EXPECT_EQ(to_string(validate(spec)[0].labels[0].where), folder + "/findings.hpp:" + std::to_string(helper));
    EXPECT_EQ(validate(spec)[0].path, "/services/app/depends_on/databse");
}

TEST(Validation, LooksTheSameForASpecFromYaml) {
    SourceTexts sources;
    sources.add("berth.yaml",
                "services:\n  app:\n    depends_on: [databse]\n    environment:\n      URL: "
                "\"http://${databse.host}/\"\n  database:\n");
    EnvironmentSpec spec = environment_of({fine("app"), fine("database")});
    spec.services[1].name = Given<std::string>::read("database", {"berth.yaml", 6, 3, 6, 11});
    DependsOn how;
    how.origin = {"berth.yaml", 3, 18, 3, 25};
    spec.services[0].depends_on = std::map<std::string, DependsOn>{{"databse", how}};
    // The quotes count for the place of the value, and the text begins behind them.
    spec.services[0].environment =
        KeyValues{{"URL", Value(std::optional<std::string>("http://${databse.host}/"), {"berth.yaml", 5, 12, 5, 37})}};

    EXPECT_EQ(render_text(validate(spec), sources),
              "error[BE0505]: 'databse' is not a service; did you mean 'database'?\n"
              " --> berth.yaml:3:18\n"
              "  |\n"
              "3 |     depends_on: [databse]\n"
              "  |                  ^^^^^^^\n"
              "  |\n"
              " ::: berth.yaml:6:3\n"
              "  |\n"
              "6 |   database:\n"
              "  |   -------- defined here\n"
              "\n"
              "error[BE0410]: '${databse.host}' names no service or namespace; did you mean 'database'?\n"
              " --> berth.yaml:5:20\n"
              "  |\n"
              "5 |       URL: \"http://${databse.host}/\"\n"
              "  |                    ^^^^^^^^^^^^^^^\n"
              "  |\n"
              " ::: berth.yaml:6:3\n"
              "  |\n"
              "6 |   database:\n"
              "  |   -------- defined here\n"
              "\n"
              "2 errors in berth.yaml (explain one: 'berth explain BE0505')\n");
}

TEST(Validation, PointsAtTheWholeValueWhenItWasInterpolated) {
    EnvironmentSpec spec = environment_of({fine("app")});
    spec.services[0].environment =
        KeyValues{{"URL", Value(std::optional<std::string>("${no.host}/longer"), {"berth.yaml", 5, 12, 5, 20})}};

    EXPECT_EQ(render_short(validate(spec)),
              "berth.yaml:5:12: error[BE0410]: '${no.host}' names no service or namespace\n");
}

TEST(Names, OfServicesAreJudged) {
    const std::string rule = "letters, digits, '.', '_' and '-', a letter or digit first, at most 63 characters";

    EXPECT_EQ(findings(environment_of({fine("-db")})),
              said("error[BE0304]: '-db' is not a valid service name: " + rule));
    EXPECT_EQ(findings(environment_of({fine("my_db")})),
              said("warning[BW0105]: 'my_db' is not a valid host name; some clients refuse it"));
    EXPECT_EQ(findings(environment_of({fine("db"), fine("db", 81)})),
              said("error[BE0208]: 'db' is listed twice", "  |\n ::: spec.cpp:1: first here\n"));
    EXPECT_EQ(findings(environment_of({fine("")})), said("error[BE0203]: a service needs 'name'"));
}

TEST(Names, OfOtherThingsAreJudged) {
    const std::string rule = "letters, digits, '.', '_' and '-', a letter or digit first, at most 63 characters";
    EnvironmentSpec spec = environment_of({fine("db").with_network("default")});
    spec.name = "My Shop";

    EXPECT_EQ(findings(spec),
              said("error[BE0304]: 'My Shop' is not a valid project name: lower-case letters, digits, '_' and '-', "
                   "a letter or digit first, at most 40 characters"));
    EXPECT_EQ(findings(environment_of({fine("db").with_hostname("my_db")})),
              said("error[BE0304]: 'my_db' is not a valid host name: letters, digits and '-' between dots, none longer "
                   "than 63 "
                   "characters"));
    EXPECT_EQ(findings(environment_of({fine("db").with_environment("A=B", "x")})),
              said("error[BE0304]: 'A=B' is not a valid variable name: it is not empty and has no '='"));
    EXPECT_EQ(findings(environment_of({fine("db").with_environment("discovery.type", "single-node")})), "");
    EXPECT_EQ(findings(environment_of({fine("db")}).with_export("A-B", "x")),
              said("error[BE0304]: 'A-B' is not a valid variable name: letters, digits and '_', no digit first"));
    EXPECT_EQ(findings(environment_of({fine("db").with_port(PortSpec(81).with_name("a b"))})),
              said("error[BE0304]: 'a b' is not a valid port name: " + rule));
    EXPECT_EQ(
        findings(environment_of({fine("db").with_profiles(std::vector<std::string>{"a b"})}), {.profiles = {"a b"}}),
        said("error[BE0304]: 'a b' is not a valid profile: " + rule));
    EXPECT_EQ(findings(environment_of({fine("db").with_network("a b")}).with_network("a b")),
              said("error[BE0304]: 'a b' is not a valid network name: " + rule));
    EXPECT_EQ(findings(environment_of({fine("db").with_volume({.source = "a b", .target = "/v"})}).with_volume("a b")),
              said("error[BE0304]: 'a b' is not a valid volume name: " + rule));
    EXPECT_EQ(findings(environment_of({fine("db").with_label("berth.run", "x")})),
              said("error[BE0612]: labels starting with 'berth.' are reserved"));
}

TEST(Profiles, AreKnownOnes) {
    const auto spec = environment_of({fine("db"), fine("dbg", 81).with_profiles(std::vector<std::string>{"debug"})});

    EXPECT_EQ(findings(spec, {.profiles = {"debgu"}}),
              "error[BE0514]: no service has profile 'debgu'; profiles are 'debug'\n");
    EXPECT_EQ(findings(environment_of({fine("db")}), {.profiles = {"x"}}),
              "error[BE0514]: no service has profile 'x'; there are no profiles\n");
}

TEST(Images, AreReferencesThatDoNotFloat) {
    EXPECT_EQ(findings(environment_of({fine("db").with_image("Redis:7")})),
              said("error[BE0310]: 'Redis:7' is not an image reference: a repository is written in lower case at "
                   "character 1"));
    EXPECT_EQ(findings(environment_of({fine("db").with_image("redis")})),
              said("warning[BW0101]: 'redis' can change between runs; pin a tag or use a lock file"));
    EXPECT_EQ(findings(environment_of({ServiceSpec{.name = "db", .ports = {80}}})),
              said("error[BE0502]: service 'db' needs 'image', 'build' or 'fixture'"));
    EXPECT_EQ(findings(environment_of({fine("db").with_image("${other.image}"), fine("other")})), "");
}

TEST(Rights, AreNamedAndWarnedAbout) {
    EXPECT_EQ(findings(environment_of({fine("db").with_cap_add(std::vector<std::string>{"NET_ADMN"})})),
              said("error[BE0306]: 'NET_ADMN' is not one of the Linux capabilities; did you mean 'NET_ADMIN'?"));
    EXPECT_EQ(
        findings(environment_of({fine("db").with_cap_drop(std::vector<std::string>{"ALL", "CAP_CHOWN", "chown"})})),
        said("error[BE0208]: 'chown' is listed twice"));
    EXPECT_EQ(findings(environment_of({fine("db").with_privileged(true)})),
              said("warning[BW0111]: 'db' is privileged"));
    EXPECT_EQ(findings(environment_of({fine("db").with_restart(RestartPolicy{RestartPolicy::Kind::on_failure, 3})})),
              said("warning[BW0110]: 'restart: on-failure:3' hides crashes from the test"));
    EXPECT_EQ(findings(environment_of({fine("db").with_restart(RestartPolicy{})})), "");
}

TEST(Commands, AreNoShellLines) {
    EXPECT_EQ(findings(environment_of({fine("db").with_command(Words{"migrate", "&&", "serve"})})),
              said("warning[BW0103]: '&&' is passed as a word, no shell runs it; write 'sh -c '...''"));
    EXPECT_EQ(findings(environment_of({fine("db").with_command(Words{"sh", "-c", "a", "&&"})})), "");
}

TEST(Dependencies, AreServicesThatCanGetThere) {
    EXPECT_EQ(findings(environment_of({fine("db").with_depends_on("db")})),
              said("error[BE0509]: 'db' depends on itself"));
    EXPECT_EQ(findings(environment_of({fine("db").with_depends_on("nothing-like-it")})),
              said("error[BE0505]: 'nothing-like-it' is not a service"));
    EXPECT_EQ(
        findings(environment_of({fine("db").with_healthcheck(HealthcheckSpec{.disable = true}),
                                 fine("app").with_depends_on("db", {.condition = DependsCondition::service_healthy})})),
        said("error[BE0508]: 'db' can never be service_healthy: its healthcheck is disabled"));
    EXPECT_EQ(findings(environment_of(
                  {fine("db").with_restart(RestartPolicy{RestartPolicy::Kind::always, 0}),
                   fine("app").with_depends_on("db", {.condition = DependsCondition::service_completed})})),
              said("warning[BW0110]: 'restart: always' hides crashes from the test", "\n") +
                  said("error[BE0508]: 'db' can never be service_completed: 'restart: always' starts it again"));
    EXPECT_EQ(findings(environment_of({})), "error[BE0501]: no service is left after profiles and includes\n");
}

TEST(Dependencies, DoNotGoInCircles) {
    EXPECT_EQ(findings(environment_of(
                  {fine("a").with_depends_on("b"), fine("b").with_depends_on("c"), fine("c").with_depends_on("a")})),
              said("error[BE0506]: services depend on each other: a -> b -> c -> a",
                   "  |\n ::: spec.cpp:1: 'b' needs 'c' here\n"
                   "  |\n ::: spec.cpp:1: 'c' needs 'a' here\n"));
    EXPECT_EQ(
        findings(environment_of({fine("a").with_environment("X", "${b.ip}"), fine("b").with_depends_on("a")})),
        said("error[BE0415]: references form a cycle: a -> b -> a", "  |\n ::: spec.cpp:1: 'b' needs 'a' here\n"));
}

TEST(Dependencies, AreOnWhenTheyAreNeeded) {
    const auto spec = environment_of(
        {fine("db", 5432).with_profiles(std::vector<std::string>{"data", "all"}), fine("app").with_depends_on("db")});

    EXPECT_EQ(findings(spec), said("error[BE0507]: 'app' needs 'db', which only profile 'data' or 'all' turns on"));
    EXPECT_EQ(findings(spec, {.profiles = {"all"}}), "");
    EXPECT_EQ(findings(spec, {.services = {"db"}}), "");
    EXPECT_EQ(findings(environment_of({fine("db").with_profiles(std::vector<std::string>{"p"})})),
              "error[BE0501]: no service is left after profiles and includes\n");
    EXPECT_EQ(findings(spec, {.services = {"dv"}}),
              "error[BE0505]: 'dv' is not a service; did you mean 'db'?\n  |\n ::: spec.cpp:1: defined here\n");
}

TEST(Validation, SaysEverythingAtOnceInOrder) {
    EnvironmentSpec spec =
        environment_of({fine("app").with_depends_on("nothing").with_privileged(true).with_image("Bad")});

    const auto found = validate(spec);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_TRUE(has_errors(found));
    for (std::size_t i = 1; i < found.size(); ++i) {
        EXPECT_FALSE(stands_before(found[i].where, found[i - 1].where));
    }
}

}  // namespace
}  // namespace berth
