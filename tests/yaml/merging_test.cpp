// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/validation.hpp>
#include <berth/yaml/image_lock.hpp>
#include <berth/yaml/reader.hpp>
#include <tests/yaml/places.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

// What several files, and several parts of one, make together.

namespace berth {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const ReadOptions k_alone{.use_process_environment = false};

EnvironmentSpec read(const std::vector<std::string>& paths, const ReadOptions& options = k_alone) {
    auto result = try_read_spec(paths, options);
    EXPECT_THAT(result.diagnostics, IsEmpty()) << render_short(result.diagnostics);
    return result.spec;
}

TEST(SeveralFiles, GoOverEachOther) {
    const Folder folder;
    folder.write("a.yaml",
                 "name: shop\nvars: {TAG: '1'}\nservices:\n"
                 "  db: {image: 'postgres:${TAG}', environment: {A: '1', B: '2'}, ports: [5432], tmpfs: [/a]}\n"
                 "  old: {image: 'old:1'}\n");
    folder.write("sub/b.yaml",
                 "vars: {TAG: '16'}\nservices:\n"
                 "  db: {environment: [B=3, C=4], ports: !override [5433], volumes: ['./data:/data']}\n"
                 "  old: !reset null\n"
                 "  app: {image: 'app:1'}\n");

    const auto spec = read({"a.yaml", "sub/b.yaml"});

    ASSERT_EQ(spec.services.size(), 2U);
    const auto& db = spec.services[0];
    EXPECT_EQ(db.image->text, "postgres:16");
    EXPECT_EQ(*db.environment, (KeyValues{{"A", "1"}, {"B", "3"}, {"C", "4"}}));
    ASSERT_EQ(db.ports->size(), 1U);
    EXPECT_EQ((*db.ports)[0].target->first, 5433);
    EXPECT_EQ((*db.volumes)[0].source->text, "./sub/data");
    EXPECT_EQ(*spec.services[1].name, "app");
    EXPECT_EQ(spec.base.directory, fs::current_path().string());
}

TEST(SeveralFiles, MakeTheSameAsOne) {
    const Folder folder;
    folder.write("a.yaml", "services: {db: {image: 'postgres:16', environment: {A: '1'}}}\n");
    folder.write("b.yaml", "services: {db: {environment: {B: '2', A: !reset null}, init: true}}\n");
    folder.write("one.yaml", "services: {db: {image: 'postgres:16', environment: {B: '2'}, init: true}}\n");

    EXPECT_EQ(read({"a.yaml", "b.yaml"}), read({"one.yaml"}));
}

TEST(Overlays, AreMergedInTheOrderTheyAreNamed) {
    const Folder folder;
    folder.write("a.yaml",
                 "services: {db: {image: 'postgres:16', init: true}}\n"
                 "overlays:\n"
                 "  ci: {services: {db: {image: 'postgres:17', labels: {a: ci}}}, timeouts: {up: 9m}}\n"
                 "  old: {services: {db: {image: 'postgres:14', labels: {b: old}}}}\n"
                 "  more: {services: {two: {extends: db, init: false}}}\n");
    const auto with = [](std::vector<std::string> overlays) {
        ReadOptions options = k_alone;
        options.overlays = std::move(overlays);
        return read({"a.yaml"}, options);
    };

    EXPECT_EQ(with({}).services[0].image->text, "postgres:16");
    EXPECT_EQ(with({"ci", "old"}).services[0].image->text, "postgres:14");
    EXPECT_EQ(*with({"old", "ci"}).services[0].labels, (KeyValues{{"a", "ci"}, {"b", "old"}}));
    EXPECT_EQ(*with({"ci"}).timeouts->up, 9min);
    const auto more = with({"more"});
    ASSERT_EQ(more.services.size(), 2U);
    EXPECT_EQ(more.services[1].image->text, "postgres:16");
    EXPECT_FALSE(*more.services[1].init);
}

TEST(Extends, TakesOverFromTheSameFileAndOthers) {
    const Folder folder;
    folder.write("spec.yaml",
                 "services:\n"
                 "  app: {extends: {file: common/base.yaml, service: web}, environment: {A: own}, ports: !reset null}\n"
                 "  two: {extends: app, image: 'two:1'}\n");
    folder.write(
        "common/base.yaml",
        "vars: {TAG: '3'}\nservices:\n"
        "  root: {image: 'root:${TAG}', env_file: [app.env], copy: [{from: conf, to: /conf}]}\n"
        "  web: {extends: root, environment: {A: web, B: web}, ports: [80], security_opt: ['seccomp=s.json']}\n");

    const auto spec = read({"spec.yaml"});

    const auto& app = spec.services[0];
    EXPECT_EQ(app.image->text, "root:3");
    EXPECT_EQ(*app.environment, (KeyValues{{"A", "own"}, {"B", "web"}}));
    EXPECT_FALSE(app.ports.given());
    EXPECT_EQ(*(*app.env_file)[0].path, "common/app.env");
    EXPECT_EQ(*(*app.copy)[0].from, "common/conf");
    EXPECT_THAT(*app.security_opt, ElementsAre("seccomp=common/s.json"));
    EXPECT_FALSE(app.extends.given());
    EXPECT_EQ(spec.services[1].image->text, "two:1");
    EXPECT_EQ(*spec.services[1].environment, *app.environment);
}

TEST(Include, TakesInWhatAnotherFileDeclares) {
    const Folder folder;
    folder.write("berth.yaml",
                 "include: [{path: [db/db.yaml, db/more.yaml]}]\nvars: {TAG: outer}\n"
                 "services: {app: {image: 'app:1', depends_on: [db]}}\n");
    folder.write("db/db.yaml",
                 "vars: {TAG: inner, OWN: '${TAG}'}\nvolumes: {data: }\nsecrets: {pw: {file: pw.txt}}\n"
                 "services: {db: {image: 'postgres:${TAG}-${OWN}-${FILE}', volumes: ['data:/d', './c:/c']}}\n");
    folder.write("db/more.yaml", "services: {db: {init: true}}\n");
    folder.write("db/.env", "FILE=env\n");

    const auto spec = read({"berth.yaml"});

    ASSERT_EQ(spec.services.size(), 2U);
    EXPECT_EQ(spec.services[1].image->text, "postgres:outer-outer-env");
    EXPECT_TRUE(*spec.services[1].init);
    EXPECT_EQ((*spec.services[1].volumes)[1].source->text, "./db/c");
    EXPECT_EQ(spec.volumes->count("data"), 1U);
    EXPECT_EQ(*spec.secrets->at("pw").file, "db/pw.txt");
    EXPECT_FALSE(spec.include.given());
}

TEST(Include, StartsPathsWhereItIsTold) {
    const Folder folder;
    folder.write("berth.yaml", "include: [{path: a/b/db.yaml, project_directory: ., env_file: x.env}]\n");
    folder.write("a/b/db.yaml", "services: {db: {image: 'db:${X}', copy: [{from: conf, to: /conf}]}}\n");
    folder.write("x.env", "X=7\n");

    const auto spec = read({"berth.yaml"});

    EXPECT_EQ(spec.services[0].image->text, "db:7");
    EXPECT_EQ(*(*spec.services[0].copy)[0].from, "conf");
}

TEST(Include, MayNameOneFileTwice) {
    const Folder folder;
    folder.write("berth.yaml", "include: [a.yaml, b.yaml]\n");
    folder.write("a.yaml", "include: [c.yaml]\nservices: {a: {image: 'a:1'}}\n");
    folder.write("b.yaml", "include: [c.yaml]\nservices: {b: {image: 'b:1'}}\n");
    folder.write("c.yaml", "services: {c: {image: 'c:1'}}\n");

    EXPECT_EQ(read({"berth.yaml"}).services.size(), 3U);
}

TEST(Include, EndsAtSixteenLevels) {
    const Folder folder;
    for (int i = 0; i < 18; ++i) {
        folder.write("f" + std::to_string(i) + ".yaml", "include: [f" + std::to_string(i + 1) + ".yaml]\n");
    }
    folder.write("f16.yaml", "services: {a: {image: 'a:1'}}\n");
    EXPECT_EQ(read({"f0.yaml"}).services.size(), 1U);
    folder.write("f16.yaml", "include: [f17.yaml]\n");

    const auto result = try_read_spec("f0.yaml", k_alone);

    ASSERT_EQ(result.diagnostics.size(), 1U) << render_short(result.diagnostics);
    EXPECT_EQ(result.diagnostics[0].code, "BE0004");
    EXPECT_EQ(result.diagnostics[0].message.rfind("includes nest deeper than 16: f0.yaml -> f1.yaml -> ", 0), 0U);
}

TEST(DefaultsForServices, ComeBelowAllTheRest) {
    const Folder folder;
    folder.write("a.yaml",
                 "defaults: {service: {init: true, labels: {team: all}, wait: none}}\n"
                 "services: {a: {image: 'a:1'}, b: {image: 'b:1', init: !reset null, labels: {x: y}}}\n");

    const auto spec = read({"a.yaml"});

    EXPECT_TRUE(*spec.services[0].init);
    EXPECT_EQ(*spec.services[0].name, "a");
    EXPECT_FALSE(spec.services[1].init.given());
    EXPECT_EQ(*spec.services[1].labels, (KeyValues{{"team", "all"}, {"x", "y"}}));
}

TEST(LongForms, AreReadAsTheyAre) {
    const Folder folder;
    folder.write(
        "a.yaml",
        "services:\n"
        "  a:\n"
        "    image: a:1\n"
        "    user: {name: test, uid: 7, sudo: [apt-get, 'id -u']}\n"
        "    pull_policy: every_12h\n"
        "    memswap_limit: -1\n"
        "    gpus: all\n"
        "    network_mode: service:b\n"
        "    reuse: session\n"
        "    build: ./app\n"
        "    post_ready: [{http: PUT /seed}]\n"
        "    volumes: ['data:/d:ro,z,nocopy']\n"
        "  b: {image: 'b:1', pull_policy: weekly, user: {sudo: true}, gpus: [{count: 2, capabilities: [gpu]}]}\n");

    const auto spec = read({"a.yaml"});

    const auto& a = spec.services[0];
    EXPECT_EQ(*a.user_setup->name, "test");
    EXPECT_THAT(*a.user_setup->sudo_commands, ElementsAre("apt-get", "id -u"));
    EXPECT_EQ(*a.pull_policy, PullPolicy::every);
    EXPECT_EQ(*a.pull_interval, 12h);
    EXPECT_EQ(*a.memswap_limit, -1);
    EXPECT_EQ(*(*a.gpus)[0].count, -1);
    EXPECT_EQ(a.network_mode->name, "b");
    EXPECT_EQ(*a.reuse->scope, ReuseSpec::Reuse::session);
    EXPECT_EQ(*a.build->context, "./app");
    EXPECT_EQ(*(*a.post_ready)[0].http->method, "PUT");
    EXPECT_EQ((*a.post_ready)[0].http->path->text, "/seed");
    const auto& mount = (*a.volumes)[0];
    EXPECT_TRUE(*mount.read_only);
    EXPECT_EQ(*mount.bind->selinux, BindOptions::Selinux::shared);
    EXPECT_TRUE(*mount.volume->nocopy);
    EXPECT_EQ(*spec.services[1].pull_interval, 7 * 24h);
    EXPECT_TRUE(*spec.services[1].user_setup->sudo);
    EXPECT_EQ(*(*spec.services[1].gpus)[0].count, 2);
}

TEST(ImageLocks, AreReadOrSayWhatIsWrong) {
    const std::string digest = "sha256:" + std::string(64, 'a');
    const auto lock = parse_image_lock(R"({"version": 1, "images": [{"image": "a:1", "platform": "linux/amd64",
                                        "digest": ")" +
                                       digest + R"("}]})");

    EXPECT_EQ(lock.problem, "");
    ASSERT_NE(lock.find("a:1", "linux/amd64"), nullptr);
    EXPECT_EQ(lock.find("a:1", "linux/amd64")->digest, digest);
    EXPECT_TRUE(lock.has("a:1", ""));
    EXPECT_FALSE(lock.has("a:1", "linux/arm64"));
    EXPECT_EQ(parse_image_lock("{").problem, "it is no lock file; write a new one with 'plan --lock'");
    EXPECT_EQ(parse_image_lock("{\"version\": 2, \"images\": []}").problem, "its version is not 1");
    EXPECT_EQ(parse_image_lock("{\"version\": 1, \"images\": [{\"image\": \"a\"}]}").problem,
              "entry 1 needs 'image', 'platform' and a sha256 'digest'");
    EXPECT_EQ(read_image_lock("/no/such/lock").problem, "no such file or directory");
}

TEST(Extends, IsFollowedSoFarAndNoFurther) {
    const Folder folder;
    std::string text = "services:\n";
    for (int i = 0; i < 2000; ++i) {
        text += "  s" + std::to_string(i) + ": {extends: s" + std::to_string(i + 1) + "}\n";
    }
    folder.write("long.yaml", text + "  s2000: {image: 'a:1', wait: none}\n");

    const ReadResult result = try_read_spec("long.yaml", k_alone);

    ASSERT_FALSE(result.diagnostics.empty());
    EXPECT_EQ(result.diagnostics.front().code, "BE0511");
    EXPECT_EQ(result.diagnostics.front().message, "'s0' extends a service that extends another, more than 32 times");
}

TEST(Include, TakesInSoManyFilesAndNoMore) {
    const Folder folder;
    for (int i = 0; i < 12; ++i) {
        const std::string next = "f" + std::to_string(i + 1) + ".yaml";
        folder.write("f" + std::to_string(i) + ".yaml",
                     "include: [" + next + ", " + next + ", " + next + ", " + next + "]\nservices: {}\n");
    }
    folder.write("f12.yaml", "services: {}\n");

    const ReadResult result = try_read_spec("f0.yaml", k_alone);

    const auto told = std::count_if(result.diagnostics.begin(), result.diagnostics.end(), [](const Diagnostic& each) {
        return each.message == "more than 1000 files are included";
    });
    EXPECT_EQ(told, 1);
}

TEST(Matrix, WithTooManyCellsIsRefusedAtOnce) {
    const Folder folder;
    std::string axes;
    for (int i = 0; i < 60; ++i) {
        axes += (i == 0 ? "" : ", ") + std::string("a") + std::to_string(i) + ": [x, y]";
    }
    folder.write("many.yaml", "services: {db: {image: 'a:1', wait: none}}\nmatrix: {axes: {" + axes + "}}\n");

    const auto found = validate(try_read_spec("many.yaml", k_alone).spec);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().code, "BE0516");
    EXPECT_EQ(found.front().message, "'axes' make more than 1000 cells");
}

}  // namespace
}  // namespace berth
