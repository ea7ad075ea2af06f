package line;

class Greeting {
    static String reply() {
        return "Thank you for connecting";
    }
}
