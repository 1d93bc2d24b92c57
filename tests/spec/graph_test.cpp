// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/graph.hpp>

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace berth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<ServiceSpec> some(std::size_t count) {
    std::vector<ServiceSpec> services;
    for (std::size_t i = 0; i < count; ++i) {
        services.push_back(service("s" + std::to_string(i), "app:1"));
    }
    return services;
}

void depend(std::vector<ServiceSpec>& services, std::size_t from, std::size_t to) {
    services[from] = services[from].with_depends_on("s" + std::to_string(to));
}

TEST(Graphs, PutEachServiceBehindWhatItNeeds) {
    auto services = some(4);
    depend(services, 0, 2);
    depend(services, 2, 3);

    const Graph graph(services);

    EXPECT_THAT(graph.order(), ElementsAre(1, 3, 2, 0));
    EXPECT_THAT(graph.needed_by(3), ElementsAre(2));
    ASSERT_EQ(graph.needs_of(0).size(), 1U);
    EXPECT_EQ(graph.needs_of(0)[0].to, 2U);
    EXPECT_EQ(graph.needs_of(0)[0].condition, DependsCondition::service_ready);
    EXPECT_FALSE(graph.needs_of(0)[0].implicit);
    EXPECT_STREQ(graph.needs_of(0)[0].origin.file, __FILE__);
    EXPECT_THAT(graph.cycles(), IsEmpty());
}

TEST(Graphs, LeaveOutServicesThatAreNotThere) {
    const Graph graph({service("a", "app:1").with_depends_on("gone")});

    EXPECT_THAT(graph.edges(), IsEmpty());
    EXPECT_THAT(graph.order(), ElementsAre(0));
}

TEST(Graphs, NameACycleFromItsFirstService) {
    auto services = some(4);
    depend(services, 3, 1);
    depend(services, 1, 2);
    depend(services, 2, 3);
    depend(services, 0, 1);

    const Graph graph(services);

    EXPECT_THAT(graph.cycles(), ElementsAre(ElementsAre(1, 2, 3, 1)));
    EXPECT_THAT(graph.order(), IsEmpty());
}

TEST(Graphs, FindAServiceThatNeedsItself) {
    auto services = some(1);
    depend(services, 0, 0);

    EXPECT_THAT(Graph(services).cycles(), ElementsAre(ElementsAre(0, 0)));
}

struct ImplicitCase {
    const char* text;
    bool edge;
    DependsCondition condition{DependsCondition::service_started};
};

TEST(Graphs, ConcludeEdgesFromWhatIsKnownLateOnly) {
    const ImplicitCase table[] = {{"${db.host}:${db.port}", false},
                                  {"${db.internal.url}", false},
                                  {"${db.name} ${db.image} ${db.env.A}", false},
                                  {"${db.external.host}", false},
                                  {"${db.external.port}", true},
                                  {"${db.external.port.fixed}", false},
                                  {"${db.external.port.reserved}", true},
                                  {"${services.db.external.address.5432}", true},
                                  {"${db.ip}", true},
                                  {"${db.id}", true},
                                  {"${db.exit_code}", true, DependsCondition::service_completed},
                                  {"${db.env.LATE}", true},
                                  {"${db.port:-${db.ip}}", true},
                                  {"$${db.ip}", false},
                                  {"${self.ip}", false}};
    for (const auto& [text, edge, condition] : table) {
        const ServiceSpec db = service("db", "postgres:16")
                                   .with_port(5432)
                                   .with_port(PortSpec(80).with_published(8080).with_name("fixed"))
                                   .with_port(PortSpec(81)
                                                  .with_published([] {
                                                      PublishedPort port;
                                                      port.how = PublishedPort::How::automatic;
                                                      return port;
                                                  }())
                                                  .with_name("reserved"))
                                   .with_environment("A", "1")
                                   .with_environment("LATE", "${third.ip}");
        const Graph graph({service("app", "app:1").with_environment("X", text), db, service("third", "app:1")});

        const auto needs = graph.needs_of(0);
        ASSERT_EQ(needs.size(), edge ? 1U : 0U) << text;
        if (edge) {
            EXPECT_TRUE(needs[0].implicit) << text;
            EXPECT_EQ(needs[0].condition, condition) << text;
            EXPECT_EQ(needs[0].to, std::string_view(text).find("LATE") == std::string_view::npos ? 1U : 2U) << text;
        }
    }
}

TEST(Graphs, LookAtEveryTextOfAService) {
    const std::string late = "${db.ip}";
    const ServiceSpec plain = service("app", "app:1");
    WaitSpec header = wait::http("/");
    header.http.edit().headers = KeyValues{{"H", Value(late)}};
    const ServiceSpec with_text[] = {
        service("app", "app:" + late),
        plain.with_command(Words{"a", late}),
        plain.with_entrypoint(Words{late}),
        plain.with_user(Text(late)),
        plain.with_label("l", late),
        plain.with_extra_hosts(KeyValues{{"h", Value(late)}}),
        plain.with_volume({.source = Text("./" + late), .target = "/v"}),
        plain.with_copy({.content = Text(late), .to = "/c"}),
        plain.with_healthcheck(HealthcheckSpec{.test = Words{"CMD", late}}),
        plain.with_wait(wait::exec(ShellOrArgv(Words{late}))),
        plain.with_wait(wait::all({wait::any({wait::exec(ShellOrArgv(Text(late)))})})),
        plain.with_wait(header),
        plain.with_post_ready({.exec = ShellOrArgv(Text(late))}),
        plain.with_post_ready({.exec = "true", .stdin_text = Text(late)}),
        plain.with_post_ready({.exec = "true", .environment = KeyValues{{"A", Value(late)}}})};
    for (const auto& one : with_text) {
        EXPECT_EQ(Graph({one, service("db", "postgres:16")}).edges().size(), 1U) << &one - with_text;
    }
}

TEST(Graphs, SurviveValuesThatReferToEachOther) {
    const Graph graph({service("a", "app:1").with_environment("X", "${b.env.X}"),
                       service("b", "app:1").with_environment("X", "${a.env.X}")});

    EXPECT_THAT(graph.edges(), IsEmpty());
}

using Needs = std::vector<std::set<std::size_t>>;

bool reaches(const Needs& needs, std::size_t from, std::size_t to) {
    std::set<std::size_t> seen;
    std::vector<std::size_t> open(needs[from].begin(), needs[from].end());
    while (!open.empty()) {
        const std::size_t next = open.back();
        open.pop_back();
        if (next == to) {
            return true;
        }
        if (seen.insert(next).second) {
            open.insert(open.end(), needs[next].begin(), needs[next].end());
        }
    }
    return false;
}

TEST(Graphs, OrderAndFindCyclesInAnyShape) {
    std::mt19937 random(13);
    for (int round = 0; round < 400; ++round) {
        const std::size_t count = 1 + random() % 9;
        auto services = some(count);
        Needs needs(count);
        const std::size_t edges = random() % (2 * count);
        for (std::size_t i = 0; i < edges; ++i) {
            const std::size_t from = random() % count;
            const std::size_t to = random() % count;
            depend(services, from, to);
            needs[from].insert(to);
        }
        const Graph graph(services);
        const auto order = graph.order();
        const auto cycles = graph.cycles();

        std::vector<std::size_t> place(count, count);
        for (std::size_t i = 0; i < order.size(); ++i) {
            place[order[i]] = i;
        }
        for (const std::size_t one : order) {
            for (const std::size_t needed : needs[one]) {
                EXPECT_LT(place[needed], place[one]);
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            bool blocked = reaches(needs, i, i);
            for (std::size_t k = 0; k < count; ++k) {
                blocked = blocked || (reaches(needs, i, k) && reaches(needs, k, k));
            }
            EXPECT_EQ(place[i] == count, blocked);
        }
        Needs without = needs;
        for (const auto& cycle : cycles) {
            ASSERT_GE(cycle.size(), 2U);
            EXPECT_EQ(cycle.front(), cycle.back());
            EXPECT_EQ(cycle.front(), *std::min_element(cycle.begin(), cycle.end()));
            for (std::size_t i = 0; i + 1 < cycle.size(); ++i) {
                EXPECT_EQ(needs[cycle[i]].count(cycle[i + 1]), 1U);
                without[cycle[i]].erase(cycle[i + 1]);
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_FALSE(reaches(without, i, i));
        }
        EXPECT_EQ(std::set(cycles.begin(), cycles.end()).size(), cycles.size());
    }
}

TEST(Graphs, TakeThousandsOfServicesInALine) {
    auto services = some(3000);
    for (std::size_t i = 0; i + 1 < services.size(); ++i) {
        depend(services, i, i + 1);
    }
    const Graph graph(services);

    EXPECT_EQ(graph.order().front(), 2999U);
    EXPECT_THAT(graph.cycles(), IsEmpty());
}

}  // namespace
}  // namespace berth
