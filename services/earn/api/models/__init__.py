"""What goes in and out over HTTP: strict models. Points are integers, money is a decimal text with its currency."""
