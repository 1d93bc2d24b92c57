// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/matrix_cells.hpp>

#include <gmock/gmock.h>

namespace berth {
namespace {

using testing::ElementsAre;

/// The worked example: four versions, twice.
MatrixSpec driver_matrix() {
    MatrixSpec matrix;
    matrix.axes = std::map<std::string, Words>{{"pg", {"14", "15", "16", "17"}}, {"tls", {"off", "on"}}};
    matrix.exclude = std::vector<KeyValues>{{{"pg", "14"}, {"tls", "on"}}};
    matrix.default_cell = KeyValues{{"pg", "17"}};
    return matrix;
}

std::vector<std::string> texts(const std::vector<MatrixCell>& cells) {
    std::vector<std::string> all;
    for (const auto& cell : cells) {
        all.push_back(to_string(cell));
    }
    return all;
}

TEST(MatrixCells, AreTheProductWithoutWhatIsExcluded) {
    EXPECT_THAT(texts(cells_of(driver_matrix())),
                ElementsAre("pg=14,tls=off", "pg=15,tls=off", "pg=15,tls=on", "pg=16,tls=off", "pg=16,tls=on",
                            "pg=17,tls=off", "pg=17,tls=on"));
    EXPECT_TRUE(mistakes_of(driver_matrix()).empty());
    EXPECT_THAT(texts(cells_of(MatrixSpec{})), ElementsAre(""));
}

TEST(MatrixCells, AreExcludedByPartOfTheirValues) {
    MatrixSpec matrix = driver_matrix();
    matrix.exclude = std::vector<KeyValues>{{{"tls", "on"}}, {{"pg", "14"}}};
    matrix.include = std::vector<KeyValues>{{{"pg", "18"}, {"tls", "on"}}, {{"pg", "15"}, {"tls", "off"}}};

    EXPECT_THAT(texts(cells_of(matrix)),
                ElementsAre("pg=15,tls=off", "pg=16,tls=off", "pg=17,tls=off", "pg=18,tls=on"));
}

TEST(MatrixCells, AreChosenByTheirValues) {
    EXPECT_THAT(texts(cells_like(driver_matrix(), {{"pg", "17"}})), ElementsAre("pg=17,tls=off", "pg=17,tls=on"));
    EXPECT_TRUE(cells_like(driver_matrix(), {{"pg", "13"}}).empty());
    EXPECT_TRUE(cells_like(driver_matrix(), {{"os", "17"}}).empty());
    EXPECT_EQ(to_string(default_cell_of(driver_matrix())), "pg=17,tls=off");
}

TEST(MatrixCells, FillEveryText) {
    EnvironmentSpec spec;
    spec.services = {service("db", "postgres:${matrix.pg}-alpine")
                         .with_command(Words{"-c", "ssl=${matrix.tls}"})
                         .with_environment("A", "${matrix.pg:-none} ${db.host} $${matrix.pg}")
                         .with_wait(wait::exec("check ${matrix.pg}"))
                         .with_parameter("version", "${matrix.pg}")};
    spec.exports = KeyValues{{"PG", "${matrix.pg}"}};
    spec.matrix = driver_matrix();

    const auto filled = in_cell(spec, {{"pg", "1$6"}, {"tls", "on"}});

    EXPECT_EQ(filled.services[0].image->text, "postgres:1$$6-alpine");
    EXPECT_EQ(filled.services[0].command->at(1).text, "ssl=on");
    EXPECT_EQ(*filled.services[0].environment->at("A").text, "1$$6 ${db.host} $${matrix.pg}");
    EXPECT_EQ(filled.services[0].wait->exec->command->words[0].text, "check 1$$6");
    EXPECT_EQ(filled.services[0].with->at("version").text, "1$$6");
    EXPECT_EQ(*filled.exports->at("PG").text, "1$$6");
    EXPECT_FALSE(filled.matrix.given());
}

TEST(MatrixCells, CannotAllBeExcluded) {
    MatrixSpec matrix;
    matrix.axes = std::map<std::string, Words>{{"a", {"1"}}};
    matrix.exclude = std::vector<KeyValues>{{{"a", "1"}}};

    ASSERT_EQ(mistakes_of(matrix).size(), 1U);
    EXPECT_EQ(mistakes_of(matrix)[0].message, "'exclude' leaves no cell");
    matrix.axes = std::map<std::string, Words>{};
    EXPECT_EQ(mistakes_of(matrix)[0].message, "'axes' names no axis");
}

}  // namespace
}  // namespace berth
