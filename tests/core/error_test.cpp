// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>

#include <gtest/gtest.h>

#include <type_traits>

namespace berth {
namespace {

TEST(Errors, TellEverythingTheyKnow) {
    const Error error({.code = "BR0301",
                       .summary = "service 'db' was not healthy within 30s",
                       .origin = {"specs/shop.yaml", 14, 7, 14, 9},
                       .operation = "GET /containers/x/json",
                       .endpoint = "unix:///run/docker.sock",
                       .http_status = 500,
                       .engine = "container is 'unhealthy'",
                       .details = {{"last probe", "exit 2: pg_isready: no response"}},
                       .log_tail = {"FATAL: wrong ownership", "LOG: shutting down"},
                       .notes = {"service 'web' was stopped as well"},
                       .hints = {"look inside after 'berth up --keep'"}});

    EXPECT_STREQ(error.what(),
                 "specs/shop.yaml:14:7: error[BR0301]: service 'db' was not healthy within 30s\n"
                 "  engine: container is 'unhealthy'\n"
                 "  call: GET /containers/x/json answered HTTP 500 at unix:///run/docker.sock\n"
                 "  last probe: exit 2: pg_isready: no response\n"
                 "  log: FATAL: wrong ownership\n"
                 "  log: LOG: shutting down\n"
                 "  note: service 'web' was stopped as well\n"
                 "  hint: look inside after 'berth up --keep'");
    EXPECT_EQ(error.code(), "BR0301");
    EXPECT_EQ(error.http_status(), 500);
}

TEST(Errors, SayOnlyWhatThereIs) {
    EXPECT_STREQ(Error({.summary = "cannot read 'x'"}).what(), "error: cannot read 'x'");
    EXPECT_STREQ(Error({.code = "BR0101", .summary = "no answer", .endpoint = "tcp://h:1"}).what(),
                 "error[BR0101]: no answer\n  endpoint: tcp://h:1");
    EXPECT_STREQ(Error({.code = "BR0101", .summary = "no", .http_status = 404}).what(),
                 "error[BR0101]: no\n  call: HTTP 404");
}

TEST(Errors, IndentValuesOfSeveralLines) {
    EXPECT_STREQ(Error({.summary = "s", .engine = "first\nsecond"}).what(),
                 "error: s\n  engine: first\n          second");
}

TEST(Errors, CannotDriveATerminal) {
    EXPECT_STREQ(Error({.summary = "s", .log_tail = {"\x1b[2Jgone\x07"}}).what(), "error: s\n  log: \\x1b[2Jgone\\x07");
}

TEST(Errors, GainFactsOnTheWayUpAndKeepTheirType) {
    try {
        try {
            throw NotFound({.code = "BR0104", .summary = "no such container"});
        } catch (Error& error) {
            error.amend([](ErrorFacts& facts) { facts.hints.push_back("start it first"); });
            throw;
        }
    } catch (const NotFound& error) {
        EXPECT_STREQ(error.what(), "error[BR0104]: no such container\n  hint: start it first");
    }
}

TEST(Errors, AreNotWhatCancellationIs) {
    EXPECT_TRUE((std::is_nothrow_copy_constructible_v<Error>));
    EXPECT_TRUE((std::is_base_of_v<EngineRefused, Conflict>));
}

TEST(EngineUnreachable, NamesEveryPlaceTried) {
    const EngineUnreachable error(
        {{"unix:///a.sock", "DOCKER_HOST", "no such file"}, {"unix:///b.sock", "", "refused"}},
        {.code = "BR0101", .summary = "no engine answers", .hints = {"start one"}});

    EXPECT_STREQ(error.what(),
                 "error[BR0101]: no engine answers\n"
                 "  tried: unix:///a.sock (DOCKER_HOST): no such file\n"
                 "  tried: unix:///b.sock: refused\n"
                 "  hint: start one");
    EXPECT_EQ(error.tried().size(), 2U);
}

TEST(NotReady, KnowsItsProbe) {
    const NotReady error({"db", "port 5432", 7, "connection refused", 3, true}, {.summary = "s", .log_tail = {"x"}});

    EXPECT_EQ(error.service(), "db");
    EXPECT_EQ(error.probe(), "port 5432");
    EXPECT_EQ(error.attempts(), 7);
    EXPECT_EQ(error.last_seen(), "connection refused");
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_TRUE(error.out_of_memory());
    EXPECT_EQ(error.log_tail(), std::vector<std::string>{"x"});
}

TEST(CommandFailed, CarriesBothStreams) {
    const CommandFailed error(3, "out", "err", {.summary = "s"});

    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_EQ(error.standard_output(), "out");
    EXPECT_EQ(error.standard_error(), "err");
}

TEST(InvalidSpec, ShowsEveryFinding) {
    Diagnostic warning;
    warning.code = "BW0101";
    warning.severity = Severity::warning;
    warning.message = "'redis' can change between runs";
    warning.where = {"a.yaml", 1, 1, 1, 2};
    Diagnostic error;
    error.code = "BE0505";
    error.message = "'x' is not a service";
    error.where = {"a.yaml", 2, 3, 2, 4};

    const InvalidSpec invalid({warning, error}, SourceTexts{});

    EXPECT_EQ(invalid.code(), "BE0505");
    EXPECT_EQ(invalid.summary(), "'x' is not a service");
    EXPECT_EQ(invalid.facts().origin.line, 2);
    EXPECT_STREQ(invalid.what(),
                 "warning[BW0101]: 'redis' can change between runs\n"
                 " --> a.yaml:1:1\n"
                 "\n"
                 "error[BE0505]: 'x' is not a service\n"
                 " --> a.yaml:2:3\n"
                 "\n"
                 "1 error, 1 warning in a.yaml (explain one: 'berth explain BE0505')\n");
}

}  // namespace
}  // namespace berth
