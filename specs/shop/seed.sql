INSERT INTO products (id, name, price, stock) VALUES
    (1, 'anchor', 12900, 5),
    (2, 'buoy', 3500, 40),
    (3, 'compass', 8950, 12);
