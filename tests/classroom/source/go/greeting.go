package main

func reply() string {
	return "Thank you for connecting\n"
}
