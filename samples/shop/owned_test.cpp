// SPDX-License-Identifier: Apache-2.0
// The test program brings the environment up itself, once for all its tests, and takes it down at its end.
#include "orders.hpp"

#include <berth/berth.hpp>
#include <berth/gtest.hpp>

#include <gtest/gtest.h>

BERTH_ENVIRONMENT(environment, SHOP_SPEC);

namespace {

TEST(OwnedShop, StoresOrders) {
    shop::Orders orders(environment->exports().at("DATABASE_URL"), environment->exports().at("REDIS_URL"));

    const long number = orders.place("buoy", 2);

    const auto stored = environment->service("db").exec(
        {"psql", "-U", "shop", "-d", "shop", "-tAc", "SELECT amount FROM orders WHERE id = " + std::to_string(number)});
    EXPECT_EQ(stored.standard_output, "2\n");
}

TEST(OwnedShop, HasAFrontThatKnowsItsNeighbours) {
    const auto page = environment->service("web").exec({"cat", "/etc/nginx/conf.d/default.conf"});

    EXPECT_NE(page.standard_output.find("stock is at db:5432, carts are at cache:6379"), std::string::npos);
}

}  // namespace
