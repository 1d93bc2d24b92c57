// SPDX-License-Identifier: Apache-2.0
// Run by `berth run -- ctest`: the environment is up, and its exports are in this process's environment. Each test is a
// process of its own and works on a product of its own, so they may run at the same time.
#include "orders.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) {
        throw std::runtime_error(std::string(name) + " is not set; run this by 'berth run -- ctest'");
    }
    return value;
}

shop::Orders connect() {
    return {variable("DATABASE_URL"), variable("REDIS_URL")};
}

TEST(Orders, AreTakenOutOfStock) {
    shop::Orders orders = connect();
    const int before = orders.stock("buoy");

    EXPECT_GT(orders.place("buoy", 3), 0);

    EXPECT_EQ(orders.stock("buoy"), before - 3);
}

TEST(Orders, AreRefusedWhenThereIsTooLittle) {
    shop::Orders orders = connect();

    EXPECT_THROW(orders.place("anchor", 6), shop::SoldOut);

    EXPECT_EQ(orders.stock("anchor"), 5);
}

TEST(Orders, AreCountedThroughTheCache) {
    shop::Orders orders = connect();
    const long before = orders.placed("compass");

    orders.place("compass", 1);

    EXPECT_EQ(orders.placed("compass"), before + 1);
    EXPECT_EQ(orders.placed("compass"), before + 1);
}

}  // namespace
