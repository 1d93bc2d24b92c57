// SPDX-License-Identifier: Apache-2.0
#include "findings.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

/// What is said about `text` as a variable of the service `app`, beside the service `db`.
std::string of_text(const std::string& text) {
    const ServiceSpec db =
        fine("db", 5432).with_environment("USER", "shop").with_environment("PASSED", Value(std::nullopt, Origin{}));
    return findings(environment_of({fine("app").with_environment("X", text), db, fine("my-db", 81).with_port(82)})
                        .with_network("default")
                        .with_volume("data")
                        .with_service(fine("user", 83).with_volume({.source = "data", .target = "/d"})));
}

constexpr const char* k_properties =
    "it has 'host', 'port', 'address', 'url', 'name', 'id', 'image', 'ip', 'env', 'exit_code'";

TEST(References, NameSomethingThatIsThere) {
    for (const char* text :
         {"${db.host}:${db.port}", "${db.url} ${db.address.5432}", "${services.my-db.port.81}", "${self.host}",
          "${run.id} ${run.dir} ${run.artifacts}", "${project.name} ${project.dir}", "${networks.default.name}",
          "${volumes.data.name}", "${db.env.USER}", "${db.image} ${db.name} ${db.ip} ${db.id} ${db.exit_code}",
          "${db.external.url} ${db.internal.port}", "${db.port:-1}", "$${no.such}", "plain $ (text)"}) {
        EXPECT_EQ(of_text(text), "") << text;
    }
}

TEST(References, AreReportedWhenTheyNameNothing) {
    const std::string defined = "  |\n ::: spec.cpp:1: defined here\n";

    EXPECT_EQ(of_text("${databases.port}"), said("error[BE0410]: '${databases.port}' names no service or namespace"));
    EXPECT_EQ(of_text("${dv.port}"),
              said("error[BE0410]: '${dv.port}' names no service or namespace; did you mean 'db'?", defined));
    EXPECT_EQ(
        of_text("${services.my-bd.port}"),
        said("error[BE0410]: '${services.my-bd.port}' names no service or namespace; did you mean 'my-db'?", defined));
    EXPECT_EQ(of_text("${projct.name}"),
              said("error[BE0410]: '${projct.name}' names no service or namespace; did you mean 'project'?"));
    EXPECT_EQ(of_text("${secrets.a.value}"), said("error[BE0615]: secret 'a' is not declared under 'secrets'"));
    EXPECT_EQ(of_text("${vars.X}"), said("error[BE0410]: '${vars.X}' names no variable of 'vars'"));
    EXPECT_EQ(of_text("${networks.back.name}"), said("error[BE0601]: network 'back' is not declared under 'networks'"));
    EXPECT_EQ(of_text("${volumes.dat.name}"),
              said("error[BE0603]: volume 'dat' is not declared under 'volumes'; did you mean 'data'?"));
}

/// One finding with a guess behind its place.
std::string guessed(const std::string& line, const std::string& guess) {
    return line + "\n --> spec.cpp:1: did you mean '" + guess + "'?\n";
}

TEST(References, AreReportedWhenTheyAskForNothing) {
    EXPECT_EQ(of_text("${db.prot}"),
              guessed(std::string("error[BE0411]: service 'db' has no 'prot'; ") + k_properties, "port"));
    EXPECT_EQ(of_text("${db.host.x}"),
              guessed(std::string("error[BE0411]: service 'db' has no 'host.x'; ") + k_properties, "host"));
    EXPECT_EQ(of_text("${services.db}"),
              said(std::string("error[BE0411]: '${services.db}' needs a property of service 'db'; ") + k_properties));
    EXPECT_EQ(of_text("${db.env.PASSWORD}"),
              said("error[BE0411]: service 'db' has no 'env.PASSWORD'; it has 'env.USER'"));
    EXPECT_EQ(of_text("${db.env.PASSED}"), said("error[BE0411]: service 'db' has no 'env.PASSED'; it has 'env.USER'"));
    EXPECT_EQ(of_text("${run.idd}"),
              guessed("error[BE0411]: 'run' has no 'idd'; it has 'id', 'dir', 'artifacts'", "id"));
    EXPECT_EQ(of_text("${networks.default.id}"), said("error[BE0411]: 'networks.default' has no 'id'; it has 'name'"));
}

TEST(References, SayWhichPort) {
    EXPECT_EQ(of_text("${services.my-db.port:-1}"),
              said("error[BE0412]: '${services.my-db.port}' is ambiguous, 'my-db' has ports '81', '82'; write "
                   "'${services.my-db.port.81}'"));
    EXPECT_EQ(of_text("${db.port.1}"), said("error[BE0413]: port 1 of 'db' is not in its 'ports' or 'expose'"));
    const ServiceSpec none = service("none", "registry.lan/x:1").with_wait(wait::running());
    EXPECT_EQ(findings(environment_of({fine("app").with_environment("X", "${none.port}"), none})),
              said("error[BE0413]: 'none' has no port in its 'ports' or 'expose'"));
    EXPECT_EQ(findings(environment_of(
                  {fine("app").with_environment("X", "${none.port} ${none.port.90}"), none.with_expose(90)})),
              "");
    EXPECT_EQ(
        findings(environment_of({fine("app").with_environment("X", "${none.external.port.90}"), none.with_expose(90)})),
        said("error[BE0413]: port 90 of 'none' is not published, so it has no place on the host"));
    EXPECT_EQ(
        findings(environment_of({fine("app").with_environment("X", "${none.external.port}"), none.with_expose(90)})),
        said("error[BE0413]: 'none' publishes no port"));
}

TEST(References, AreKnownWhenTheyAreUsed) {
    const std::string picked = "the engine picks the host port when the container starts";

    EXPECT_EQ(of_text("${self.external.port}"),
              said("error[BE0414]: '${self.external.port}' is not known yet when 'environment' is used: " + picked,
                   "  = help: write 'published: auto' for the port, and it is reserved before\n"));
    EXPECT_EQ(of_text("${app.ip}"),
              said("error[BE0414]: '${app.ip}' is not known yet when 'environment' is used: the engine gives the "
                   "address when the container starts"));
    EXPECT_EQ(of_text("${self.id}"),
              said("error[BE0414]: '${self.id}' is not known yet when 'environment' is used: the engine gives the "
                   "id when the container is created"));
    PublishedPort reserved;
    reserved.how = PublishedPort::How::automatic;
    EXPECT_EQ(findings(environment_of({service("app", "registry.lan/a:1")
                                           .with_port(PortSpec(80).with_published(reserved))
                                           .with_environment("X", "${self.external.port}")})),
              "");
    EXPECT_EQ(findings(environment_of(
                  {fine("app").with_post_ready({.exec = ShellOrArgv(Text("echo ${self.external.port} ${self.ip}"))})})),
              "");
    EXPECT_EQ(
        findings(environment_of({fine("app").with_post_ready({.exec = ShellOrArgv(Text("echo ${self.exit_code}"))})})),
        said("error[BE0414]: '${self.exit_code}' is not known yet when 'post_ready' is used: the container has not "
             "ended then"));
}

TEST(References, NeverGoInCircles) {
    EXPECT_EQ(findings(environment_of(
                  {fine("a").with_environment("X", "${b.env.Y}"), fine("b").with_environment("Y", "${a.env.X}")})),
              said("error[BE0415]: references form a cycle: a.env.X -> b.env.Y -> a.env.X"));
    EXPECT_EQ(findings(environment_of({fine("a").with_image("${self.image}")})),
              said("error[BE0415]: references form a cycle: a.image -> a.image"));
    EXPECT_EQ(
        findings(environment_of({fine("a").with_environment("X", "${b.env.Y}"),
                                 fine("b").with_environment("Y", "${a.env.Z}").with_environment("Z", "1"), fine("c")})),
        guessed("error[BE0411]: service 'a' has no 'env.Z'; it has 'env.X'", "env.X"));
}

TEST(References, ReachOnlyServicesOnASharedNetwork) {
    const ServiceSpec db = fine("db").with_network("back");
    const auto spec = [&](const std::string& text) {
        return environment_of({fine("app").with_network("front").with_environment("X", text), db})
            .with_network("back")
            .with_network("front");
    };
    EXPECT_EQ(findings(spec("${db.host}")),
              said("error[BE0618]: 'app' refers to 'db', but they share no network ('front'; 'back')"));
    EXPECT_EQ(findings(spec("${db.external.host} ${db.name}")), "");
}

TEST(References, OfTheHostStandInNoService) {
    EXPECT_EQ(findings(environment_of({fine("db")}).with_export("A", "${self.port}")),
              said("error[BE0410]: '${self.port}' stands in no service here; write the service's name"));
    EXPECT_EQ(findings(environment_of({fine("db")}).with_export("A", "${db.url} ${db.ip} ${db.exit_code}")), "");
    EnvironmentSpec spec = environment_of({fine("db")});
    spec.run = RunSpec{.command = Words{"ctest", "${dv.port}"}};
    EXPECT_EQ(findings(spec), said("error[BE0410]: '${dv.port}' names no service or namespace; did you mean 'db'?",
                                   "  |\n ::: spec.cpp:1: defined here\n"));
}

TEST(References, AreNoVariablesOfTheShell) {
    EXPECT_EQ(
        of_text("$HOME"),
        said("error[BE0402]: '$HOME': variables are replaced where YAML is read, and nowhere else; write '$$' for a "
             "literal dollar"));
    EXPECT_EQ(of_text("${my-db.port}"),
              said("error[BE0402]: '${my-db.port}': variables are replaced where YAML is read, and nowhere else; "
                   "write '$$' for a literal dollar",
                   "  = help: for the service write '${services.my-db.port}'\n"));
    EXPECT_EQ(
        of_text("${db."),
        said("error[BE0402]: '${db.': a part of the reference is missing behind '.'; write '$$' for a literal dollar"));
}

}  // namespace
}  // namespace berth
