// A greeting server in Go: server [PORT]
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	port := "8043"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	server, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		connection, err := server.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer connection.Close()
			fmt.Fprint(connection, reply())
		}()
	}
}
